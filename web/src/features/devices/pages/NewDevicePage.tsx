import { useNavigate } from 'react-router';
import { PageHeader } from '@/components/ui/PageHeader';
import { toast } from '@/components/ui/toast';
import { viewerZone } from '@/lib/intl';
import { readNumber } from '@/lib/number';
import { useCreateDevice } from '../api/registry';
import { DeviceForm, type DeviceValues } from '../components/DeviceForm';

const nothing: DeviceValues = {
  external_id: '',
  name: '',
  description: '',
  max_consumption: '',
  price: '',
  time_zone: viewerZone(),
  reporting_interval_seconds: '600',
  register_digits: '',
  direction: 'consumption',
};

/** `/devices/new` */
export function Component() {
  const create = useCreateDevice();
  const navigate = useNavigate();

  async function save(values: DeviceValues, release: () => void) {
    const device = await create.mutateAsync({
      ...values,
      max_consumption: readNumber(values.max_consumption),
      price: values.price.trim() === '' ? null : readNumber(values.price),
      reporting_interval_seconds: readNumber(values.reporting_interval_seconds),
      register_digits: values.register_digits.trim() === '' ? null : readNumber(values.register_digits),
    });
    release();
    toast(`${device.name} is created. Assign it to those who may see it.`);
    await navigate(`/devices/${device.id}/edit`, { replace: true });
  }

  return (
    <>
      <PageHeader title="New device" back={{ to: '/devices', label: 'Devices' }} />
      <div className="card max-w-2xl p-4 sm:p-6">
        <DeviceForm label="New device" values={nothing} submit="Create device" busy={create.isPending} onSave={save} />
      </div>
    </>
  );
}
