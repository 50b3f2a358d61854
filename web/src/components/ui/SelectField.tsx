import { ChevronDown } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Field } from './Field';
import { entryStyle } from './fields';

interface Props extends ComponentProps<'select'> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

/** The browser's own list to choose from, which every device knows how to show. */
export const SelectField = ({ label, hint, error, ...select }: Props) => (
  <Field label={label} hint={hint} error={error}>
    {(wiring) => (
      <span className="relative block">
        <select {...wiring} className={entryStyle(error !== undefined, 'h-12 appearance-none pr-10')} {...select} />
        <ChevronDown
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-3.5 size-4 -translate-y-1/2 text-ink-faint"
        />
      </span>
    )}
  </Field>
);
