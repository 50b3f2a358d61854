import { Check } from 'lucide-react';
import { Checkbox } from 'radix-ui';

interface Props {
  checked: boolean;
  disabled?: boolean;
  /** Its name, where no label around it says one. */
  label?: string;
  onChange: () => void;
}

export const CheckBox = ({ checked, disabled = false, label, onChange }: Props) => (
  <Checkbox.Root
    checked={checked}
    disabled={disabled}
    aria-label={label}
    onCheckedChange={onChange}
    className="grid size-5 shrink-0 place-items-center rounded-md border border-ink-faint bg-surface data-[state=checked]:border-accent data-[state=checked]:bg-accent"
  >
    <Checkbox.Indicator>
      <Check aria-hidden="true" className="size-4 text-on-accent" strokeWidth={3} />
    </Checkbox.Indicator>
  </Checkbox.Root>
);
