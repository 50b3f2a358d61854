import { useSyncExternalStore } from 'react';

/**
 * How news from the server come: by themselves (`live`), not yet (`connecting`), not any more but soon again (`lost`),
 * or only by asking, because nobody is signed in or the server has no such feed (`off`).
 */
export type LiveStatus = 'off' | 'connecting' | 'live' | 'lost';

let status: LiveStatus = 'off';
const listeners = new Set<() => void>();

export const liveStatus = () => status;

export function setLiveStatus(next: LiveStatus) {
  if (next === status) return;
  status = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useLiveStatus = () => useSyncExternalStore(subscribe, liveStatus);
