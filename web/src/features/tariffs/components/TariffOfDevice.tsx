import { useState } from 'react';
import { Link } from 'react-router';
import { Button } from '@/components/ui/Button';
import { Name } from '@/components/ui/Name';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import type { RegisteredDevice } from '@/features/devices/api/registry';
import { formatPrice } from '@/lib/energy';
import { problemText } from '@/lib/formProblem';
import { todayIn } from '@/lib/zone';
import { useAllTariffs, useChangeDeviceTariffs, type DeviceTariff } from '../api/tariffs';
import { pricesInWords, sinceInWords, validOn, withTariff } from '../lib/words';
import { TariffDialog } from './TariffDialog';

/** Which tariff a device has, had and will have: it is changed from a day on, and a change is taken back. */
export function TariffOfDevice({ device, version }: { device: RegisteredDevice; version: string | undefined }) {
  const [open, setOpen] = useState(false);
  const all = useAllTariffs();
  const change = useChangeDeviceTariffs(device.id);
  const today = todayIn(device.time_zone);
  const current = validOn(device.tariffs, today);
  const tariffs = new Map((all.data ?? []).map((tariff) => [tariff.id, tariff]));
  const held = current?.tariff_id ? tariffs.get(current.tariff_id) : undefined;
  const prices = held && (held.valid_until === null || held.valid_until >= today) ? validOn(held.prices, today) : undefined;
  const others = device.tariffs.filter((entry) => entry !== current);

  const set = (wanted: readonly DeviceTariff[], said: string) =>
    change.mutateAsync({ tariffs: wanted, version }).then(({ version: now }) => {
      const undo = () =>
        void change.mutateAsync({ tariffs: device.tariffs, version: now }).then(() => toast('It is as it was before.'), fail);
      toast(said, { action: { label: 'Undo', onClick: undo } });
    });

  return (
    <Section title="Tariff" description="What each kWh costs when. Without a tariff the device’s own price is valid.">
      {current?.tariff_id ? (
        <>
          <p className="font-semibold">
            <Called id={current.tariff_id} />
          </p>
          <p className="mt-1 text-sm text-ink-soft">{sinceInWords(current.from)}</p>
          {held && (
            <ul className="mt-2 text-sm tabular-nums">
              {prices ? (
                pricesInWords(prices, held.currency).map((line) => <li key={line}>{line}</li>)
              ) : (
                <li>It has no prices today.</li>
              )}
            </ul>
          )}
        </>
      ) : (
        <p className="text-sm text-ink-soft">
          {device.price === null ? 'No tariff, and no price of its own' : `Own price of ${formatPrice(device.price)} per kWh`}
        </p>
      )}
      <div className="mt-4">
        <Button disabled={!all.data} onClick={() => setOpen(true)}>
          Change the tariff
        </Button>
        {all.isError && (
          <p role="alert" className="mt-2 text-sm text-alert">
            {problemText(all.error)}
          </p>
        )}
      </div>
      {others.length > 0 && (
        <ul aria-label="Other tariffs of the device" className="mt-3 grid gap-2 border-t border-line pt-3 text-sm">
          {others.toReversed().map((entry) => (
            <li key={entry.from ?? ''} className="flex flex-wrap items-center justify-between gap-2">
              <span>
                {entry.tariff_id ? <Called id={entry.tariff_id} /> : 'Own price'}
                <span className="block text-xs text-ink-faint">{sinceInWords(entry.from)}</span>
              </span>
              <Button
                tone="quiet"
                busy={change.isPending}
                onClick={() =>
                  void set(
                    device.tariffs.filter((one) => one !== entry),
                    'It is removed.',
                  ).catch(fail)
                }
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {open && (
        <TariffDialog
          device={device}
          tariffs={all.data ?? []}
          current={current?.tariff_id ?? null}
          onClose={() => setOpen(false)}
          onSave={(entry) => set(withTariff(device.tariffs, entry), 'The tariff is changed.')}
        />
      )}
    </Section>
  );

  function Called({ id }: { id: string }) {
    return (
      <Link to={`/tariffs/${id}`} className="text-accent underline underline-offset-4">
        <Name>{tariffs.get(id)?.name ?? 'A tariff'}</Name>
      </Link>
    );
  }
}

const fail = (error: unknown) => toast(problemText(error), { tone: 'alert' });
