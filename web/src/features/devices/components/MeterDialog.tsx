import { useId, useState } from 'react';
import { Button } from '@/components/ui/Button';
import { CheckBox } from '@/components/ui/CheckBox';
import { Dialog } from '@/components/ui/Dialog';
import { TextField } from '@/components/ui/TextField';
import { showProblem } from '@/lib/formProblem';
import { formatAgo } from '@/lib/time';
import { clockIn, momentIn } from '@/lib/zone';
import { useUnknownMeters, type Meter, type MeterEntry } from '../api/registry';

interface Props {
  title: string;
  description: string;
  /** Zone of the device's site. */
  zone: string;
  /** What is corrected; nothing for a new meter. */
  meter?: Meter;
  onClose: () => void;
  onSave: (meter: MeterEntry) => Promise<void>;
}

const isId = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Asks which meter measures for a device, and since when. The first meter has no beginning. */
export function MeterDialog({ title, description, zone, meter, onClose, onSave }: Props) {
  const held = meter?.from ? clockIn(zone, new Date(meter.from)) : '';
  const [id, setId] = useState(meter?.meter_id ?? '');
  const [now, setNow] = useState(!meter);
  const [clock, setClock] = useState(held);
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const unknown = useUnknownMeters();
  const list = useId();
  const isFirst = meter?.from === null;

  async function save() {
    setWrong(!isId(id.trim()));
    if (!isId(id.trim())) return;

    // A time that isn't changed keeps its seconds.
    const from = clock === held && meter ? meter.from : momentIn(zone, clock || '1970-01-01').toISOString();
    setBusy(true);
    try {
      await onSave({ meter_id: id.trim(), ...(isFirst ? { from: null } : !now && { from }) });
      onClose();
    } catch (error) {
      setProblem(showProblem(error as Error, [], () => undefined));
      setBusy(false);
    }
  }

  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <form
        className="grid gap-4 px-5 pb-5 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={meter ? 'Id of the meter' : 'Id of the new meter'}
          hint={
            unknown.data && unknown.data.size > 0
              ? 'As the meter sends it. Ids that report but belong to no device are suggested.'
              : 'As the meter sends it.'
          }
          error={wrong ? 'An id looks like 3fa85f64-5717-4562-b3fc-2c963f66afa6.' : undefined}
          value={id}
          required
          autoComplete="off"
          spellCheck={false}
          list={list}
          onChange={(event) => setId(event.target.value)}
        />
        <datalist id={list}>
          {[...(unknown.data ?? [])].map(([meterId, last]) => (
            <option key={meterId} value={meterId}>
              Reported {formatAgo(new Date(last))}
            </option>
          ))}
        </datalist>
        {!isFirst && (
          <>
            <TextField
              type="datetime-local"
              label="Measures since"
              hint={`By the clock in ${zone}.`}
              value={now ? '' : clock}
              max={clockIn(zone, new Date())}
              required={!now}
              disabled={now}
              onChange={(event) => setClock(event.target.value)}
            />
            {!meter && (
              <label className="flex items-center gap-3 text-sm">
                <CheckBox checked={now} onChange={() => setNow(!now)} />
                Since now
              </label>
            )}
          </>
        )}
        {problem && (
          <p role="alert" className="text-sm text-alert">
            {problem}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
