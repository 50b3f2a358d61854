import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { answer, monitoring, type Answer, type MonitoringPaths } from '@/api/client';
import { invalidate, keys } from '@/lib/queryKeys';

export type LedgerHour = Answer<MonitoringPaths['/api/monitoring/ledger']['get']>[number];

export const useLedger = () =>
  useQuery({
    queryKey: keys.ledger.all,
    queryFn: ({ signal }) => answer(monitoring.GET('/api/monitoring/ledger', { signal })) as Promise<LedgerHour[]>,
    refetchInterval: 30_000,
  });

export interface Difference {
  kind: string;
  device_id: string | null;
  hour: string | null;
  message: string;
}

export interface Verification {
  state: 'idle' | 'running' | 'done' | 'failed';
  done: number;
  total: number;
  message: string;
  differences: Difference[];
  result?: { consistent: boolean; hours_checked: number; readings_checked: number; differences: number };
}

const idle: Verification = { state: 'idle', done: 0, total: 0, message: '', differences: [] };

/** Counts everything anew, and tells how far it is. Leaving the page breaks it off. */
export function useVerification(): [Verification, () => void] {
  const [verification, setVerification] = useState(idle);
  const source = useRef<EventSource | null>(null);

  useEffect(() => () => source.current?.close(), []);

  const start = useCallback(() => {
    source.current?.close();
    const events = new EventSource('/api/monitoring/ledger?verify=true');
    source.current = events;
    setVerification({ ...idle, state: 'running' });

    const on = (name: string, change: (before: Verification, data: never) => Verification) =>
      events.addEventListener(name, (event: MessageEvent<string>) =>
        setVerification((before) => change(before, JSON.parse(event.data) as never)),
      );

    on('progress', (before, data: Pick<Verification, 'done' | 'total' | 'message'>) => ({ ...before, ...data }));
    on('difference', (before, data: Difference) => ({ ...before, differences: [...before.differences, data] }));
    on('result', (before, result: NonNullable<Verification['result']>) => {
      events.close();
      return { ...before, state: 'done', result };
    });
    // An event source would begin anew by itself, and a verification is work.
    events.addEventListener('error', () => {
      events.close();
      setVerification((before) => (before.state === 'running' ? { ...before, state: 'failed' } : before));
    });
  }, []);

  return [verification, start];
}

/** A device's hours of one day in UTC, which are counted anew together. */
export interface DeviceDay {
  device_id: string;
  day: string;
}

/** Counts a device's hours of a day anew from its raw readings: where those of another day are gone, this one can be mended all the same. */
export function useRepair() {
  const client = useQueryClient();

  return useMutation({
    mutationFn: ({ device_id, day }: DeviceDay) =>
      answer(monitoring.POST('/api/monitoring/ledger/repair', { body: { device_id, start_date: day, end_date: day } })),
    onSuccess: () => invalidate(client, keys.ledger),
  });
}
