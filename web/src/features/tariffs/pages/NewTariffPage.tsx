import { useState } from 'react';
import { useNavigate } from 'react-router';
import { PageHeader } from '@/components/ui/PageHeader';
import { toast } from '@/components/ui/toast';
import { currencyOf } from '@/lib/currency';
import { useCreateTariff } from '../api/tariffs';
import { TariffForm } from '../components/TariffForm';
import { noPrices, toRequest, type TariffValues } from '../lib/entries';

/** `/tariffs/new` */
export function Component() {
  const create = useCreateTariff();
  const navigate = useNavigate();
  const [nothing] = useState<TariffValues>({ name: '', currency: currencyOf() ?? '', valid_until: '', prices: [noPrices] });

  async function save(values: TariffValues, release: () => void) {
    const tariff = await create.mutateAsync(toRequest(values));
    release();
    toast(`${tariff.name} is added. Devices get it on their page.`);
    await navigate('/tariffs', { replace: true });
  }

  return (
    <>
      <PageHeader title="New tariff" back={{ to: '/tariffs', label: 'Tariffs' }} />
      <div className="card max-w-3xl p-4 sm:p-6">
        <TariffForm label="New tariff" values={nothing} isNew submit="Add tariff" busy={create.isPending} onSave={save} />
      </div>
    </>
  );
}
