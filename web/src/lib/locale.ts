/** The viewer's language and region; numbers, dates and the 12 or 24 hour clock follow it. */
export const locale = () => navigator.language;
