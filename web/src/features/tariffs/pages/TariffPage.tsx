import { SearchX, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { ApiError } from '@/api/client';
import { Banner } from '@/components/ui/Banner';
import { Button } from '@/components/ui/Button';
import { DetailSkeleton } from '@/components/ui/DetailSkeleton';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { ErrorState } from '@/components/ui/ErrorState';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { StateMessage } from '@/components/ui/StateMessage';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { useLastError } from '@/lib/useLastError';
import { useChangeTariff, useDeleteTariff, useTariff, type Tariff } from '../api/tariffs';
import { TariffForm } from '../components/TariffForm';
import { toEntries, toRequest } from '../lib/entries';

/** `/tariffs/:tariffId` */
export function Component() {
  const id = useParams().tariffId ?? '';
  const tariff = useTariff(id);
  const error = useLastError(tariff);

  if (error instanceof ApiError && error.status === 404) return <Gone />;
  if (error) return <ErrorState error={error} retrying={tariff.isFetching} onRetry={() => void tariff.refetch()} />;
  if (!tariff.data) return <DetailSkeleton what="the tariff" />;

  const { body, version } = tariff.data;

  return (
    <>
      <PageHeader title={body.name} back={{ to: '/tariffs', label: 'Tariffs' }} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Section title="Details">
          <Edit tariff={body} version={version} />
        </Section>
        <Delete tariff={body} />
      </div>
    </>
  );
}

function Edit({ tariff, version }: { tariff: Tariff; version: string | undefined }) {
  const change = useChangeTariff(tariff.id);
  const values = useMemo(() => toEntries(tariff), [tariff]);

  return (
    <TariffForm
      label="Details"
      values={values}
      isNew={false}
      submit="Save"
      busy={change.isPending}
      onSave={async (entered) => {
        await change.mutateAsync({ body: toRequest(entered), version });
        toast(`${entered.name} is saved.`);
      }}
    />
  );
}

function Delete({ tariff: { id, name } }: { tariff: Tariff }) {
  const [open, setOpen] = useState(false);
  const remove = useDeleteTariff(id);
  const navigate = useNavigate();

  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        toast(`${name} is deleted.`);
        void navigate('/tariffs', { replace: true });
      },
    });

  return (
    <Section title="Delete" description="A tariff that a device has or had can’t be deleted, because costs depend on it.">
      <Button className="text-alert!" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden="true" className="size-4" />
        Delete tariff
      </Button>
      <ConfirmDialog
        open={open}
        title={`Delete ${name}?`}
        confirm="Delete"
        danger
        busy={remove.isPending}
        onCancel={() => {
          setOpen(false);
          remove.reset();
        }}
        onConfirm={confirm}
      >
        <p>This can’t be taken back.</p>
        {remove.error && <Banner tone="alert">{problemText(remove.error)}</Banner>}
      </ConfirmDialog>
    </Section>
  );
}

const Gone = () => (
  <div className="card">
    <title>Unknown tariff · EnergyAspire</title>
    <StateMessage
      icon={SearchX}
      title="There is no such tariff"
      action={
        <Link to="/tariffs" className="font-semibold text-accent underline underline-offset-4">
          All tariffs
        </Link>
      }
    >
      It may have been deleted.
    </StateMessage>
  </div>
);
