import type { QueryClient } from '@tanstack/react-query';
import { toast } from '@/components/ui/toast';
import { watchedDevices } from '@/features/live/watched';
import { sessionQuery } from '@/features/session/api/session';
import { nameInText } from '@/lib/name';
import { invalidate, keys } from '@/lib/queryKeys';
import type { Alert } from './api/alerts';
import { alertOrigin, alertSentence } from './words';

/**
 * Tells of an alert that has just been raised, and has the lists ask for it. Administrators are told of devices in sight only. Of late alerts the
 * service sends the first of a series.
 */
export function announceAlert(client: QueryClient, alert: Alert) {
  const isAdmin = client.getQueryData(sessionQuery.queryKey)?.user?.role === 'admin';
  if (!isAdmin || watchedDevices().includes(alert.device_id))
    toast(`${nameInText(alert.device_name)}: ${alertSentence(alert)}${alertOrigin(alert)}.`, { tone: 'alert' });
  void invalidate(client, keys.alerts);
}
