import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { CheckBox } from '@/components/ui/CheckBox';
import { Dialog } from '@/components/ui/Dialog';
import { SelectField } from '@/components/ui/SelectField';
import { TextField } from '@/components/ui/TextField';
import type { RegisteredDevice } from '@/features/devices/api/registry';
import { problemText } from '@/lib/formProblem';
import { todayIn } from '@/lib/zone';
import type { DeviceTariff, Tariff } from '../api/tariffs';

interface Props {
  device: RegisteredDevice;
  tariffs: readonly Tariff[];
  /** Tariff that is valid today; null for the own price. */
  current: string | null;
  onClose: () => void;
  onSave: (entry: DeviceTariff) => Promise<void>;
}

/** Asks which tariff a device has, and from which day on. */
export function TariffDialog({ device, tariffs, current, onClose, onSave }: Props) {
  const [tariff, setTariff] = useState(current ?? tariffs[0]?.id ?? '');
  const [day, setDay] = useState(todayIn(device.time_zone));
  const [always, setAlways] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function save() {
    setBusy(true);
    try {
      await onSave({ tariff_id: tariff || null, from: always ? null : day });
      onClose();
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title="Change the tariff"
      description={`What ${device.name} consumed before that day keeps its cost.`}
    >
      <form
        className="grid gap-4 px-5 pb-5 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <SelectField label="Tariff" value={tariff} onChange={(event) => setTariff(event.target.value)}>
          {tariffs.map(({ id, name, currency }) => (
            <option key={id} value={id}>
              {name} ({currency})
            </option>
          ))}
          <option value="">None: the device’s own price</option>
        </SelectField>
        <TextField
          type="date"
          label="First day"
          hint={`It begins at midnight in ${device.time_zone}. The day may lie in the future.`}
          value={always ? '' : day}
          required={!always}
          disabled={always}
          onChange={(event) => setDay(event.target.value)}
        />
        <label className="flex items-center gap-3 text-sm">
          <CheckBox checked={always} onChange={() => setAlways(!always)} />
          From the beginning
        </label>
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
