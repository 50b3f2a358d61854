import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { formatMomentIn } from '@/lib/time';
import { useChangeMeters, type Meter, type MeterEntry, type RegisteredDevice } from '../api/registry';
import { MeterDialog } from './MeterDialog';

/** Which meter measures for a device, and which did before: it is replaced, corrected, and both are undone. */
export function MetersOfDevice({ device, version }: { device: RegisteredDevice; version: string | undefined }) {
  const [open, setOpen] = useState<'replace' | 'correct' | null>(null);
  const change = useChangeMeters(device.id);
  const zone = device.time_zone;
  const first: Meter = { meter_id: device.id, from: null };
  const meters = device.meters.length > 0 ? device.meters : [first];
  const earlier = meters.slice(0, -1);
  const current = meters.at(-1) ?? first;

  const fail = (error: unknown) => toast(problemText(error), { tone: 'alert' });

  const apply = (wanted: readonly MeterEntry[], said: string) =>
    change.mutateAsync({ meters: wanted, version }).then(({ version: now }) => {
      const undo = () => void change.mutateAsync({ meters, version: now }).then(() => toast('It is as it was before.'), fail);
      toast(said, { action: { label: 'Undo', onClick: undo } });
    });

  return (
    <Section title="Meter" description="When its meter is replaced, a device keeps its history and its people.">
      <p className="font-mono text-xs break-all">{current.meter_id}</p>
      <p className="mt-1 text-sm text-ink-soft">{current.from == null ? 'From the beginning' : `Since ${at(current.from)}`}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button onClick={() => setOpen('replace')}>Replace the meter</Button>
        <Button tone="quiet" onClick={() => setOpen('correct')}>
          Correct
        </Button>
        {earlier.length > 0 && (
          <Button
            tone="quiet"
            busy={change.isPending}
            onClick={() => void apply(earlier, 'The replacement is undone.').catch(fail)}
          >
            Undo the replacement
          </Button>
        )}
      </div>
      {earlier.length > 0 && (
        <details className="mt-3 border-t border-line pt-3 text-sm">
          <summary className="cursor-pointer rounded font-semibold text-ink-soft">Earlier meters ({earlier.length})</summary>
          <ul aria-label="Earlier meters" className="mt-2 grid max-h-60 gap-2 overflow-y-auto">
            {earlier
              .map(({ meter_id, from }, index) => ({ meter_id, from, until: meters[index + 1]?.from }))
              .toReversed()
              .map(({ meter_id, from, until }) => (
                <li key={from ?? ''}>
                  <span className="block font-mono text-xs break-all">{meter_id}</span>
                  <span className="block text-xs text-ink-faint">
                    {from == null ? `until ${at(until)}` : `${at(from)} – ${at(until)}`}
                  </span>
                </li>
              ))}
          </ul>
        </details>
      )}
      {open === 'replace' && (
        <MeterDialog
          title="Replace the meter"
          description={`${device.name} gets a new meter. What the old one measures afterwards, and the new one before, isn’t counted.`}
          zone={zone}
          onClose={() => setOpen(null)}
          onSave={(meter) => apply([...meters, meter], 'The meter is replaced.')}
        />
      )}
      {open === 'correct' && (
        <MeterDialog
          title="Correct the meter"
          description={`Readings of ${device.name} move to where they belong.`}
          zone={zone}
          meter={current}
          onClose={() => setOpen(null)}
          onSave={(meter) => apply([...earlier, meter], 'The meter is corrected.')}
        />
      )}
    </Section>
  );

  function at(time: string | null | undefined) {
    return time == null ? '' : formatMomentIn(zone, new Date(time));
  }
}
