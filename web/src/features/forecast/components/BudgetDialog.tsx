import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { Segments } from '@/components/ui/Segments';
import { TextField } from '@/components/ui/TextField';
import { toast } from '@/components/ui/toast';
import { currencyOf } from '@/lib/currency';
import { problemText } from '@/lib/formProblem';
import { readNumber, writeNumber } from '@/lib/number';
import { useSetBudget, type Budget } from '../api/forecast';

interface Props {
  deviceId: string;
  deviceName: string;
  /** What is changed; null for a new one. */
  budget: Budget | null;
  /** The device has prices, so that a budget in money makes sense. */
  priced: boolean;
  /** Of its costs; null for the installation's. */
  currency: string | null;
  onClose: () => void;
}

const most = 1_000_000_000;

/** As the service takes it: at most six digits after the point. */
const isBudget = (value: number) => value > 0 && value <= most && Number(value.toFixed(6)) === value;

/** Asks for the budget of a device's months, or removes it. */
export function BudgetDialog({ deviceId, deviceName, budget, priced, currency, onClose }: Props) {
  const [inMoney, setInMoney] = useState(budget !== null && budget.cost !== null);
  const held = budget && (budget.kwh ?? budget.cost);
  const [text, setText] = useState(held === null ? '' : writeNumber(held));
  const [wrong, setWrong] = useState(false);
  const set = useSetBudget(deviceId);

  function save() {
    const value = readNumber(text);
    setWrong(!isBudget(value));
    if (!isBudget(value)) return;

    set.mutate(inMoney ? { cost: value } : { kwh: value }, {
      onSuccess: () => {
        toast('The budget is set.');
        onClose();
      },
    });
  }

  function remove() {
    set.mutate(null, {
      onSuccess: () => {
        toast('The budget is removed.');
        onClose();
      },
    });
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={budget ? 'Change the budget' : 'Set a budget'}
      description={`For each month of ${deviceName}. You are warned when the forecast passes it. Only you see it.`}
    >
      <form
        noValidate
        className="grid gap-4 px-5 pb-5 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {(priced || inMoney) && (
          <div className="flex">
            <Segments
              label="Budget in"
              value={inMoney ? 'money' : 'energy'}
              options={[
                { value: 'energy', label: 'kWh' },
                { value: 'money', label: 'Cost' },
              ]}
              onChange={(value) => setInMoney(value === 'money')}
            />
          </div>
        )}
        <TextField
          label={inMoney ? ['Cost per month', currency ?? currencyOf()].filter(Boolean).join(', ') : 'kWh per month'}
          inputMode="decimal"
          autoComplete="off"
          error={wrong ? 'A number above 0, at most 1,000,000,000, with at most six digits after the point.' : undefined}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {set.isError && (
          <p role="alert" className="text-sm text-alert">
            {problemText(set.error)}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {budget && (
            <Button tone="quiet" className="mr-auto" busy={set.isPending && set.variables === null} onClick={remove}>
              Remove it
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" busy={set.isPending && set.variables !== null}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
