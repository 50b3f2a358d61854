import { liveStatus, setLiveStatus } from '@/lib/liveStatus';

/** What is used of a SignalR connection. */
export interface Hub {
  start: () => Promise<void>;
  stop: () => Promise<void>;
  on: (name: string, handler: (body: never) => void) => void;
  onclose: (handler: () => void) => void;
  invoke: (name: string, ...parameters: unknown[]) => Promise<unknown>;
}

interface Handlers {
  on: Record<string, (body: never) => void>;
  /** Connected; `again` after a loss, when something may have been missed. */
  onLive: (hub: Hub, again: boolean) => void;
}

/** Soon at first, then ever more seldom, and never all pages at the same moment. */
export const retryDelay = (failures: number, random = Math.random()) =>
  Math.min(30_000, 1_000 * 2 ** Math.min(failures, 5)) * (0.75 + random / 2);

/** Keeps a connection for as long as it is wanted. Returns how to end it. */
export function keepConnected(open: () => Promise<Hub>, { on, onLive }: Handlers) {
  let ended = false;
  let hub: Hub | undefined;
  let failures = 0;
  let wasLive = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function connect() {
    timer = undefined;

    try {
      const opened = await open();
      if (isEnded()) return;

      hub = opened;
      for (const [name, handler] of Object.entries(on)) opened.on(name, handler);
      opened.onclose(again);
      await opened.start();
    } catch {
      again();
      return;
    }

    if (isEnded()) {
      void hub.stop();
      return;
    }

    failures = 0;
    setLiveStatus('live');
    onLive(hub, wasLive);
    wasLive = true;
  }

  function again() {
    if (ended || timer !== undefined) return;

    // What never was there isn't missed: then the page asks by itself.
    setLiveStatus(wasLive ? 'lost' : 'off');
    timer = setTimeout(() => void connect(), retryDelay(failures++));
  }

  function hurry() {
    if (timer === undefined || document.visibilityState === 'hidden') return;
    clearTimeout(timer);
    void connect();
  }

  const isEnded = () => ended;

  setLiveStatus('connecting');
  void connect();
  window.addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);

  return () => {
    ended = true;
    clearTimeout(timer);
    window.removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', hurry);
    if (liveStatus() === 'live') void hub?.stop();
    setLiveStatus('off');
  };
}
