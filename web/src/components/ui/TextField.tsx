import { clsx } from 'clsx';
import { useId, type ComponentProps } from 'react';

interface Props extends ComponentProps<'input'> {
  label: string;
  error?: string | undefined;
}

export function TextField({ label, error, ...input }: Props) {
  const id = useId();

  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error !== undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        className={clsx(
          'h-12 w-full rounded-xl border bg-surface px-3.5 transition-colors focus-visible:outline-offset-0',
          error ? 'border-alert' : 'border-line hover:border-ink-faint',
        )}
        {...input}
      />
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-sm text-alert">
          {error}
        </p>
      )}
    </div>
  );
}
