import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { CheckBox } from '@/components/ui/CheckBox';
import { Dialog } from '@/components/ui/Dialog';
import { TextField } from '@/components/ui/TextField';
import { problemText } from '@/lib/formProblem';
import { startOf, todayIn } from '@/lib/zone';
import { useChangePeriods, type Mapping } from '../api/mappings';
import { beginningAt } from '../periods';

/** Changes since when a device belongs to somebody, who sees what was measured from then on. */
export function SinceDialog({ mapping, onClose }: { mapping: Mapping; onClose: () => void }) {
  const zone = mapping.time_zone;
  const from = mapping.periods.at(-1)?.from ?? null;
  const held = todayIn(zone, new Date(from ?? mapping.assigned_at));
  const [always, setAlways] = useState(from === null);
  const [day, setDay] = useState(held);
  const change = useChangePeriods();

  function save() {
    // A day that isn't changed keeps its time.
    const begin = day === held && from !== null ? from : new Date(startOf(day, zone)).toISOString();
    const periods = beginningAt(mapping.periods, always ? null : begin);
    change.mutate({ user_id: mapping.user_id, device_id: mapping.device_id, periods }, { onSuccess: onClose });
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title="Since when?"
      description={`${mapping.user_username ?? 'The user'} sees what ${mapping.device_name} measured from then on.`}
    >
      <form
        className="grid gap-4 px-5 pb-5 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          type="date"
          label="First day"
          hint={`It begins at midnight in ${zone}.`}
          value={day}
          max={todayIn(zone)}
          required={!always}
          disabled={always}
          onChange={(event) => setDay(event.target.value)}
        />
        <label className="flex items-center gap-3 text-sm">
          <CheckBox checked={always} onChange={() => setAlways(!always)} />
          From the beginning
        </label>
        {change.isError && (
          <p role="alert" className="text-sm text-alert">
            {problemText(change.error)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" busy={change.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
