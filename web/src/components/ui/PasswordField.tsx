import { Eye, EyeOff } from 'lucide-react';
import { useState, type ComponentProps, type ReactNode } from 'react';
import { IconButton } from './Button';
import { Field } from './Field';
import { entryStyle } from './fields';

interface Props extends Omit<ComponentProps<'input'>, 'type'> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

/** A password that may be looked at: for somebody else's, which is told to them. */
export function PasswordField({ label, hint, error, ...input }: Props) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;

  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <span className="relative block">
          <input
            {...wiring}
            type={shown ? 'text' : 'password'}
            className={entryStyle(error !== undefined, 'h-12 pr-12')}
            spellCheck={false}
            {...input}
          />
          <IconButton
            label="Show the password"
            aria-pressed={shown}
            className="absolute! top-1 right-1"
            onClick={() => setShown(!shown)}
          >
            <Icon aria-hidden="true" className="size-5" />
          </IconButton>
        </span>
      )}
    </Field>
  );
}
