import { SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { ApiError } from '@/api/client';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { DetailSkeleton } from '@/components/ui/DetailSkeleton';
import { StateMessage } from '@/components/ui/StateMessage';
import { TextField } from '@/components/ui/TextField';
import { toast } from '@/components/ui/toast';
import { useChangeDevice, useRegisteredDevice, type DeviceChange, type RegisteredDevice } from '@/features/devices/api/registry';
import { DeleteDevice } from '@/features/devices/components/DeleteDevice';
import { DeviceForm, type DeviceValues } from '@/features/devices/components/DeviceForm';
import { FeedInOfDevice } from '@/features/devices/components/FeedInOfDevice';
import { IntervalSeen } from '@/features/devices/components/IntervalSeen';
import { LastSeen, Today } from '@/features/devices/components/ReportingCells';
import { MetersOfDevice } from '@/features/devices/components/MetersOfDevice';
import { SettingsHistory } from '@/features/devices/components/SettingsHistory';
import { TariffOfDevice } from '@/features/tariffs/components/TariffOfDevice';
import { useLastError } from '@/lib/useLastError';
import { readNumber, writeNumber } from '@/lib/number';
import { startOf, todayIn } from '@/lib/zone';
import { UsersOfDevice } from '../components/UsersOfDevice';

/** `/devices/:deviceId/edit`: what a device is, how it reports, who sees it. */
export function Component() {
  const id = useParams().deviceId ?? '';
  const device = useRegisteredDevice(id);
  const error = useLastError(device);

  if (error instanceof ApiError && error.status === 404) return <Gone />;
  if (error) return <ErrorState error={error} retrying={device.isFetching} onRetry={() => void device.refetch()} />;
  if (!device.data) return <DetailSkeleton what="the device" />;

  const { body, version } = device.data;

  return (
    <>
      <PageHeader
        title={body.name}
        back={{ to: '/devices', label: 'Devices' }}
        actions={
          <>
            <Link to={`/consumption/${id}`} className="text-sm font-semibold text-accent underline underline-offset-4">
              Consumption
            </Link>
            <Link to={`/system/audit?device=${id}`} className="text-sm font-semibold text-accent underline underline-offset-4">
              History
            </Link>
          </>
        }
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Section title="Details">
          <Edit device={body} version={version} />
          <SettingsHistory device={body} />
        </Section>
        <div className="grid gap-5">
          <Section title="Reporting">
            <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
              <dt className="text-ink-soft">Last reading</dt>
              <dd className="justify-self-end">
                <LastSeen device={body} />
              </dd>
              <dt className="text-ink-soft">Readings today, of those expected</dt>
              <dd className="justify-self-end">
                <Today device={body} />
              </dd>
              <dt className="col-span-2 text-ink-soft">Id</dt>
              <dd className="col-span-2 font-mono text-xs break-all">{id}</dd>
            </dl>
            <IntervalSeen device={body} />
          </Section>
          {body.feed_in_of === null && <MetersOfDevice device={body} version={version} />}
          <TariffOfDevice device={body} version={version} />
          <UsersOfDevice deviceId={id} name={body.name} />
          <FeedInOfDevice device={body} version={version} />
          <DeleteDevice id={id} name={body.name} />
        </div>
      </div>
    </>
  );
}

function Edit({ device, version }: { device: RegisteredDevice; version: string | undefined }) {
  const change = useChangeDevice(device.id);
  const [from, setFrom] = useState('');
  const values = useMemo(
    (): DeviceValues => ({
      external_id: device.external_id ?? '',
      name: device.name,
      description: device.description,
      max_consumption: writeNumber(device.max_consumption),
      price: device.price == null ? '' : writeNumber(device.price),
      time_zone: device.time_zone,
      reporting_interval_seconds: writeNumber(device.reporting_interval_seconds),
      register_digits: device.register_digits == null ? '' : writeNumber(device.register_digits),
      direction: device.direction === 'production' ? 'production' : 'consumption',
    }),
    [device],
  );

  const latest = latestChange(device.settings);

  async function save(entered: DeviceValues) {
    const wanted: DeviceChange = {
      ...entered,
      max_consumption: readNumber(entered.max_consumption),
      price: entered.price.trim() === '' ? null : readNumber(entered.price),
      reporting_interval_seconds: readNumber(entered.reporting_interval_seconds),
      register_digits: entered.register_digits.trim() === '' ? null : readNumber(entered.register_digits),
    };
    const changed = Object.fromEntries(
      Object.entries(wanted).filter(([field]) => entered[field as keyof DeviceValues] !== values[field as keyof DeviceValues]),
    );
    // A day alone dates back what was changed last.
    const dated = from === '' || dateable.some((field) => field in changed) ? {} : pick(wanted, latest);
    const validFrom = from && { valid_from: new Date(startOf(from, device.time_zone)).toISOString() };
    await change.mutateAsync({ change: { ...changed, ...dated, ...validFrom }, version });
    setFrom('');
    toast(`${entered.name} is saved.`);
  }

  return (
    <DeviceForm
      label="Details"
      values={values}
      submit="Save"
      busy={change.isPending}
      onSave={save}
      isFeedIn={device.feed_in_of !== null}
      ready={from !== '' && latest.length > 0}
      aside={
        <TextField
          type="date"
          label="Limit, price and interval are valid from"
          hint={`Without a day, from now on. Earlier hours stay as they are. A day before the device was registered means from the beginning.${latest.length > 0 ? ' A day alone dates the last change back.' : ''}`}
          value={from}
          max={todayIn(device.time_zone)}
          onChange={(event) => setFrom(event.target.value)}
        />
      }
    />
  );
}

const dateable = ['max_consumption', 'price', 'reporting_interval_seconds'] as const;

/** Which values the last change of the settings changed. */
function latestChange(settings: RegisteredDevice['settings']) {
  const [before, now] = settings.slice(-2);
  return before && now ? dateable.filter((field) => before[field] !== now[field]) : [];
}

const pick = (values: DeviceChange, names: readonly (keyof DeviceChange)[]): DeviceChange =>
  Object.fromEntries(names.map((name) => [name, values[name]]));

const Gone = () => (
  <div className="card">
    <title>Unknown device · EnergyAspire</title>
    <StateMessage
      icon={SearchX}
      title="There is no such device"
      action={
        <Link to="/devices" className="font-semibold text-accent underline underline-offset-4">
          All devices
        </Link>
      }
    >
      It may have been deleted.
    </StateMessage>
  </div>
);
