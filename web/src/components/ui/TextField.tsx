import type { ComponentProps, ReactNode } from 'react';
import { Field } from './Field';
import { entryStyle } from './fields';

interface Props extends ComponentProps<'input'> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

export const TextField = ({ label, hint, error, ...input }: Props) => (
  <Field label={label} hint={hint} error={error}>
    {(wiring) => <input {...wiring} className={entryStyle(error !== undefined, 'h-12')} {...input} />}
  </Field>
);
