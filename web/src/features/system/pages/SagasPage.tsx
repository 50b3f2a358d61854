import { Workflow } from 'lucide-react';
import { Link } from 'react-router';
import type { Column } from '@/components/ui/DataTable';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { Segments } from '@/components/ui/Segments';
import { StateMessage } from '@/components/ui/StateMessage';
import { formatMoment } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import { useSagas, type Saga } from '../api/sagas';
import { SagaState, typeNames } from '../components/SagaState';

const states = [
  { value: '', label: 'All' },
  { value: 'running', label: 'Running' },
  { value: 'compensating', label: 'Being undone' },
  { value: 'completed', label: 'Completed' },
  { value: 'rolled_back', label: 'Rolled back' },
] as const;

const columns: Column<Saga>[] = [
  {
    header: 'Change',
    cell: ({ id, type, username }) => (
      <Link to={`/system/sagas/${id}`} className="block truncate font-semibold after:absolute after:inset-0">
        {typeNames[type] ?? type} of {username}
      </Link>
    ),
  },
  { header: 'State', className: 'w-36', cell: (saga) => <SagaState saga={saga} /> },
  { header: 'By', className: 'w-36 max-md:hidden', cell: ({ actor }) => <span className="block truncate">{actor}</span> },
  { header: 'Tries', className: 'w-20 max-lg:hidden', cell: ({ attempts }) => attempts },
  {
    header: 'Began',
    className: 'w-48 max-md:hidden',
    cell: ({ started_at }) => <span className="text-ink-soft">{formatMoment(new Date(started_at))}</span>,
  },
];

/** `/system/sagas?state=`: changes that several services made together, or not at all. */
export function Component() {
  const [state, setState] = useSearchParam('state');
  const sagas = useSagas(state ? { state } : {});

  return (
    <>
      <PageHeader title="Account changes" description="Each is made by several services together, or by none." />
      <div className="mb-4 flex overflow-x-auto">
        <Segments label="State" value={state} options={states} onChange={setState} />
      </div>
      <PagedTable
        label="Account changes"
        query={sagas}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <StateMessage level={2} icon={Workflow} title={state ? 'None is in this state' : 'No account changes yet'}>
            They appear when an account is made, changed or deleted.
          </StateMessage>
        }
      />
    </>
  );
}
