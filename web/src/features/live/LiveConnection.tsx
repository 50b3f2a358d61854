import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { RadioTower } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useSession } from '@/features/session/api/session';
import { useLiveStatus } from '@/lib/liveStatus';
import { isOf, keys } from '@/lib/queryKeys';
import { keepConnected, type Hub } from './connection';
import { liveUpdates, type LiveDevice } from './updates';
import { onWatchedChange, watchedDevices } from './watched';

/** Loaded when somebody is signed in, not before the first page is there. */
async function openHub(): Promise<Hub> {
  const { HttpTransportType, HubConnectionBuilder, LogLevel } = await import('@microsoft/signalr');

  return new HubConnectionBuilder()
    .withUrl('/api/monitoring/live', { transport: HttpTransportType.WebSockets, skipNegotiation: true })
    .configureLogging(LogLevel.None)
    .build();
}

interface Props {
  /** Called with each alert as it is raised; what is in it is for the alerts to know. */
  onAlert: (client: QueryClient, alert: never) => void;
}

/** Keeps what is loaded up to date as news come, and says when none come any more. */
export function LiveConnection({ onAlert }: Props) {
  const client = useQueryClient();
  const user = useSession().data?.user;
  const [id, isAdmin] = [user?.id, user?.role === 'admin'];

  useEffect(() => {
    if (!id) return;

    const updates = liveUpdates(client);
    let live: Hub | undefined;
    const watch = () => {
      if (isAdmin) void live?.invoke('Watch', watchedDevices()).catch(() => undefined);
    };

    const leave = onWatchedChange(watch);
    const end = keepConnected(openHub, {
      on: {
        devices: (devices: LiveDevice[]) => updates.apply(devices),
        alert: (alert: never) => onAlert(client, alert),
      },
      onLive: (hub, again) => {
        live = hub;
        watch();
        // What was told meanwhile is asked for.
        if (again) void client.invalidateQueries({ predicate: ({ queryKey }) => !isOf(keys.session, queryKey) });
      },
    });

    return () => {
      leave();
      end();
      updates.stop();
    };
  }, [client, id, isAdmin, onAlert]);

  return <LostBanner />;
}

/** A short loss heals unseen. */
const patience = 3_000;

function LostBanner() {
  const lost = useLiveStatus() === 'lost';
  const [shown, setShown] = useState(false);

  useEffect(() => {
    if (!lost) return;

    const timer = setTimeout(() => setShown(true), patience);
    return () => {
      clearTimeout(timer);
      setShown(false);
    };
  }, [lost]);

  if (!lost || !shown) return null;

  return (
    <div role="alert" className="flex items-center justify-center gap-2.5 bg-alert-soft px-4 py-2.5 text-sm">
      <RadioTower aria-hidden="true" className="size-4 shrink-0 text-alert" />
      <span>
        <strong className="font-semibold">Live updates are interrupted.</strong> Figures are renewed every few seconds until they
        are back.
      </span>
    </div>
  );
}
