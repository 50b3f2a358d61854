import type { ComponentProps, ReactNode } from 'react';
import { Field } from './Field';
import { entryStyle } from './fields';

interface Props extends ComponentProps<'textarea'> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

export const TextArea = ({ label, hint, error, ...area }: Props) => (
  <Field label={label} hint={hint} error={error}>
    {(wiring) => <textarea {...wiring} rows={3} className={entryStyle(error !== undefined, 'block py-2.5')} {...area} />}
  </Field>
);
