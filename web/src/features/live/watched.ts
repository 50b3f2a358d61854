import { useEffect } from 'react';

const watched = new Map<string, number>();
const listeners = new Set<() => void>();

/** The devices that are in sight. Administrators, who may see all, are told of these only. */
export const watchedDevices = () => [...watched.keys()].sort();

export function onWatchedChange(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Says that devices are in sight for as long as whoever calls it is. */
export function useWatch(deviceIds: readonly string[]) {
  const key = deviceIds.join(' ');

  useEffect(() => {
    const ids = key ? key.split(' ') : [];
    const change = (by: number) => {
      for (const id of ids) {
        const count = (watched.get(id) ?? 0) + by;
        if (count > 0) watched.set(id, count);
        else watched.delete(id);
      }
      listeners.forEach((listener) => listener());
    };

    change(1);
    return () => change(-1);
  }, [key]);
}
