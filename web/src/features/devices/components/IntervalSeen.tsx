import { Banner } from '@/components/ui/Banner';
import { formatNumber } from '@/lib/intl';
import type { RegisteredDevice } from '../api/registry';
import { useSeenInterval } from '../api/reporting';
import { isOtherInterval } from '../interval';

/** Suggests the interval at which the meter really sends, where the device is registered with another one. */
export function IntervalSeen({ device }: { device: RegisteredDevice }) {
  const seen = useSeenInterval(device.id);
  if (seen == null || !isOtherInterval(seen, device.reporting_interval_seconds)) return null;

  return (
    <Banner tone="info" className="mt-4">
      Its latest readings are {formatNumber(seen)} seconds apart, not {formatNumber(device.reporting_interval_seconds)}. Enter{' '}
      {seen} at “Seconds between readings” if the meter always sends like this; until then power and the share of expected
      readings are wrong.
    </Banner>
  );
}
