import type { QueryClient } from '@tanstack/react-query';
import { toast } from '@/components/ui/toast';
import type { Device } from '@/features/devices/api/devices';
import { watchedDevices } from '@/features/live/watched';
import { sessionQuery } from '@/features/session/api/session';
import { nameInText } from '@/lib/name';
import type { Alert } from './api/alerts';
import { alertSentence, isNews } from './words';

/** Says that an alert has just been raised, and has the lists look for it. An installation's are many: its administrators hear of devices in sight. Hours of the day before yesterday are no news. */
export function announceAlert(client: QueryClient, alert: Alert) {
  const known = client.getQueriesData<Device[] | Device | { rows?: Device[] } | null>({ queryKey: ['devices'] });
  const device = known
    .flatMap(([, data]) => (data == null ? [] : Array.isArray(data) ? data : 'id' in data ? data : (data.rows ?? [])))
    .find(({ id }) => id === alert.device_id);

  const isAdmin = client.getQueryData(sessionQuery.queryKey)?.user?.role === 'admin';
  if (isNews(alert) && (!isAdmin || watchedDevices().includes(alert.device_id)))
    toast(`${device ? nameInText(device.name) : 'A device'}: ${alertSentence(alert)}.`, { tone: 'alert' });
  void client.invalidateQueries({ queryKey: ['alerts'] });
}
