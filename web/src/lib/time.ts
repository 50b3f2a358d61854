import { locale } from './locale';

/** A moment on the viewer's own clock, with seconds. */
export const formatTime = (moment: Date, language = locale()) =>
  moment.toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
