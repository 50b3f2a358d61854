import { Link, useNavigate } from 'react-router';
import { ApiError } from '@/api/client';
import { Button } from '@/components/ui/Button';
import { Name } from '@/components/ui/Name';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { useCreateDevice, useFeedIn, useRegisteredDevice, type RegisteredDevice } from '../api/registry';
import { MetersOfDevice } from './MetersOfDevice';

/** A device that consumes may have a two-way meter, whose feed-in is a device of its own. Both lead to each other. */
export function FeedInOfDevice({ device, version }: { device: RegisteredDevice; version: string | undefined }) {
  if (device.feed_in_of !== null) return <TwoWayMeter device={device} id={device.feed_in_of} version={version} />;
  return device.direction === 'production' ? null : <FeedIn device={device} />;
}

function FeedIn({ device }: { device: RegisteredDevice }) {
  const feedIn = useFeedIn(device.id);
  const create = useCreateDevice();
  const navigate = useNavigate();

  const add = () =>
    create
      .mutateAsync({
        name: `${device.name}, feed-in`.slice(0, 255),
        max_consumption: device.max_consumption,
        register_digits: device.register_digits,
        feed_in_of: device.id,
      })
      .then((created) => {
        toast(`${created.name} is created. Assign it to those who may see it.`);
        return navigate(`/devices/${created.id}/edit`);
      })
      .catch((error: unknown) => toast(problemText(error), { tone: 'alert' }));

  return (
    <Section title="Feed-in" description="Of a two-way meter, which also measures what is fed into the grid.">
      {feedIn.isError ? (
        <p role="alert" className="text-sm text-alert">
          {problemText(feedIn.error)}
        </p>
      ) : feedIn.data ? (
        <p className="text-sm">
          What it feeds in belongs to <DeviceLink device={feedIn.data} />.
        </p>
      ) : (
        <>
          <p className="text-sm text-ink-soft">
            The feed-in is a device of its own. Readings of this meter with <code>“direction”: “production”</code> belong to it.
          </p>
          <Button className="mt-4" disabled={feedIn.isPending} busy={create.isPending} onClick={() => void add()}>
            Add the feed-in
          </Button>
        </>
      )}
    </Section>
  );
}

interface TwoWayProps {
  device: RegisteredDevice;
  id: string;
  version: string | undefined;
}

function TwoWayMeter({ device, id, version }: TwoWayProps) {
  const { data, error } = useRegisteredDevice(id);

  // With the other device gone its meters are its own affair.
  if (error instanceof ApiError && error.status === 404) return <MetersOfDevice device={device} version={version} />;

  return (
    <Section title="Meter" description="A two-way meter, of which this device is the feed-in.">
      <p className="text-sm">
        {data ? (
          <>
            Its meter is that of <DeviceLink device={data.body} />. When that one is replaced, this one is too.
          </>
        ) : (
          <>
            Its meter is that of the device <span className="font-mono text-xs break-all">{id}</span>.
          </>
        )}
      </p>
    </Section>
  );
}

const DeviceLink = ({ device: { id, name } }: { device: Pick<RegisteredDevice, 'id' | 'name'> }) => (
  <Link to={`/devices/${id}/edit`} className="font-semibold text-accent underline underline-offset-4">
    <Name>{name}</Name>
  </Link>
);
