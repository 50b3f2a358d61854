import { Name } from '@/components/ui/Name';
import { formatShare } from '@/lib/energy';
import { formatNumber } from '@/lib/intl';
import type { DeviceStatement } from '../api/statement';
import { datesInWords, formatKwh } from '../lib/words';
import { MeterTable } from './MeterTable';
import { PriceTable } from './PriceTable';

/** The statement of a device. */
export function DeviceSection({ device }: { device: DeviceStatement }) {
  const { device_id: id, start_date: first, end_date: last, measurement_count: came, expected_count: expected } = device;

  return (
    <section
      aria-labelledby={id}
      className="card break-inside-avoid p-4 sm:p-5 lg:p-7 print:rounded-none print:border-x-0 print:border-b-0 print:px-0 print:py-4"
    >
      <h2 id={id} className="text-lg font-semibold">
        <Name>{device.name}</Name>
      </h2>
      <p className="mt-1 text-sm text-ink-soft">
        {first !== null && last !== null && `${datesInWords(first, last)}, `}
        {device.time_zone}
      </p>
      <p className="mt-1 text-sm text-ink-soft">{completeness(came, expected)}</p>
      <PriceTable device={device} />
      {device.unpriced_consumption > 0 && (
        <p className="mt-3 text-sm text-ink-soft">{formatKwh(device.unpriced_consumption)} without a price are in no cost.</p>
      )}
      {device.meter_readings ? (
        <MeterTable meters={device.meter_readings} zone={device.time_zone} isFeedIn={device.feed_in_of !== null} />
      ) : (
        <p className="mt-3 text-sm text-ink-soft">No meter readings: the meter reports the energy of intervals.</p>
      )}
    </section>
  );
}

function completeness(came: number, expected: number) {
  if (expected === 0) return came === 0 ? 'No readings' : `${formatNumber(came)} readings`;
  const readings = `${formatNumber(came)} of ${formatNumber(expected)} expected readings`;
  return came >= expected ? `Complete: ${readings}` : `${readings} (${formatShare(came / expected)})`;
}
