import type { QueryClient } from '@tanstack/react-query';
import { toast } from '@/components/ui/toast';
import type { Device } from '@/features/devices/api/devices';
import type { Alert } from './api/alerts';
import { alertSentence } from './words';

/** Says that an alert has just been raised, and has the lists look for it. */
export function announceAlert(client: QueryClient, alert: Alert) {
  const known = client.getQueriesData<Device[] | Device | { rows?: Device[] } | null>({ queryKey: ['devices'] });
  const device = known
    .flatMap(([, data]) => (data == null ? [] : Array.isArray(data) ? data : 'id' in data ? data : (data.rows ?? [])))
    .find(({ id }) => id === alert.device_id);

  toast(`${device?.name ?? 'A device'}: ${alertSentence(alert)}.`, { tone: 'alert' });
  void client.invalidateQueries({ queryKey: ['alerts'] });
}
