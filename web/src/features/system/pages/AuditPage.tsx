import { ScrollText, X } from 'lucide-react';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { Button } from '@/components/ui/Button';
import { Combobox } from '@/components/ui/Combobox';
import type { Column } from '@/components/ui/DataTable';
import { PagedTable } from '@/components/ui/PagedTable';
import { PageHeader } from '@/components/ui/PageHeader';
import { SelectField } from '@/components/ui/SelectField';
import { StateMessage } from '@/components/ui/StateMessage';
import { TextField } from '@/components/ui/TextField';
import { compareNames } from '@/lib/intl';
import { nameInText } from '@/lib/name';
import { formatMoment } from '@/lib/time';
import { useSearchParam } from '@/lib/useSearchParam';
import { isDay, stepDay } from '@/lib/zone';
import { useAudit, useNames, type AuditRecord } from '../api/audit';
import { actions, changes, rememberedNames, sentence } from '../lib/sentence';

/** The start of a day on the viewer's clock. */
const startOf = (day: string) => new Date(`${day}T00:00:00`).toISOString();

const anybody = 'Anybody';

/** `/system/audit?by=&user=&device=&action=&from=&to=`: who did what, in sentences. */
export function Component() {
  const [, setParams] = useSearchParams();
  const [by, setBy] = useSearchParam('by');
  const [user, setUser] = useSearchParam('user');
  const [device] = useSearchParam('device');
  const [action, setAction] = useSearchParam('action');
  const [from, setFrom] = useSearchParam('from');
  const [to, setTo] = useSearchParam('to');
  const named = useNames();

  const audit = useAudit({
    ...(by && { actor_id: by }),
    ...(user && { user_id: user }),
    ...(device && { device_id: device }),
    ...(action && { action }),
    ...(isDay(from) && { from: startOf(from) }),
    ...(isDay(to) && { to: startOf(stepDay(to, 1)) }),
  });
  // Who and what is gone is in no list any more, but on record.
  const names = useMemo(
    () => new Map([...rememberedNames(audit.data?.pages.flatMap(({ rows }) => rows) ?? []), ...(named?.all ?? [])]),
    [audit.data, named],
  );
  const people = useMemo(() => named?.people.toSorted((a, b) => compareNames(a.name, b.name)) ?? [], [named]);
  const choices = useMemo(() => [anybody, ...people.map(({ name }) => name)], [people]);
  const nameOf = (id: string) => (id === '' ? anybody : (names.get(id) ?? `One that is gone (…${id.slice(-8)})`));
  const idOf = (wanted: string) => people.find(({ name }) => name === wanted)?.id ?? '';
  const filtered = [by, user, device, action, from, to].some((value) => value !== '');

  const columns = useMemo((): Column<AuditRecord>[] => {
    return [
      {
        header: 'What happened',
        cell: (record) => (
          <>
            <p className="break-words">
              <strong className="font-semibold">{record.actor}</strong> {sentence(record, names)}
            </p>
            {changes(record).length > 0 && <p className="text-xs break-words text-ink-soft">{changes(record).join(' · ')}</p>}
            <p className="text-xs text-ink-faint md:hidden">{formatMoment(new Date(record.at))}</p>
          </>
        ),
      },
      {
        header: 'When',
        className: 'w-48 max-md:hidden',
        cell: ({ at, trace_id }) => (
          <time dateTime={at} title={trace_id ? `For support: ${trace_id}` : undefined}>
            {formatMoment(new Date(at))}
          </time>
        ),
      },
      {
        header: 'From',
        className: 'w-36 max-lg:hidden',
        cell: ({ address }) => <span className="text-ink-soft">{address ?? '–'}</span>,
      },
    ];
  }, [names]);

  return (
    <>
      <PageHeader title="Audit log" description="Who changed or tried what. Records can’t be changed or removed." />
      <div className="mb-4 grid grid-cols-2 items-end gap-3 lg:grid-cols-3 xl:grid-cols-[2fr_2fr_2fr_1fr_1fr_auto]">
        <Combobox label="Done by" value={nameOf(by)} options={choices} onChange={(name) => setBy(idOf(name))} />
        <Combobox label="Done to" value={nameOf(user)} options={choices} onChange={(name) => setUser(idOf(name))} />
        <div className="max-lg:col-span-2">
          <SelectField label="Action" value={action} onChange={(event) => setAction(event.target.value)}>
            <option value="">Anything</option>
            {Object.entries(actions).map(([name, words]) => (
              <option key={name} value={name}>
                {words.replace('{user}', '…').replace('{device}', '…')}
              </option>
            ))}
          </SelectField>
        </div>
        <TextField label="From" type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        <TextField label="To" type="date" value={to} onChange={(event) => setTo(event.target.value)} />
        {filtered && (
          <Button tone="quiet" className="h-12!" onClick={() => setParams({})}>
            <X aria-hidden="true" className="size-4" />
            Clear
          </Button>
        )}
      </div>
      {device && (
        <p className="mb-3 text-sm text-ink-soft">
          Only about {nameInText(names.get(device) ?? `a device that is gone (…${device.slice(-8)})`)}.
        </p>
      )}
      <PagedTable
        label="Audit log"
        query={audit}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <StateMessage level={2} icon={ScrollText} title="Nothing is on record">
            {filtered ? 'Nothing like that has happened. Clear a filter to see more.' : 'What people do appears here.'}
          </StateMessage>
        }
      />
    </>
  );
}
