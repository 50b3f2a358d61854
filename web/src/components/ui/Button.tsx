import { clsx } from 'clsx';
import { LoaderCircle } from 'lucide-react';
import { useState, type ComponentProps, type FocusEvent, type MouseEvent } from 'react';

interface Props extends ComponentProps<'button'> {
  tone?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** Waiting for its own effect; it can't be pressed twice. */
  busy?: boolean;
}

const tones = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'border border-line bg-surface hover:bg-sunken',
  quiet: 'text-ink-soft hover:bg-sunken hover:text-ink',
  danger: 'bg-alert text-on-alert hover:opacity-90',
};

/** How a button looks, for links that look like one. */
export const buttonStyle = (tone: keyof typeof tones = 'plain', className?: string) =>
  clsx(
    'inline-flex h-10 items-center justify-center gap-2 rounded-xl px-4 text-sm font-semibold whitespace-nowrap transition-colors disabled:opacity-45 aria-disabled:cursor-not-allowed aria-disabled:opacity-45',
    tones[tone],
    className,
  );

/** One that is disabled while it has the focus keeps it, and is out of reach only afterwards: else the focus would be nowhere. */
export function Button({ tone = 'plain', busy = false, disabled, className, children, type = 'button', ...rest }: Props) {
  const [focused, setFocused] = useState(false);
  const off = disabled === true || busy;

  function focus(event: FocusEvent<HTMLButtonElement>) {
    setFocused(true);
    rest.onFocus?.(event);
  }

  function blur(event: FocusEvent<HTMLButtonElement>) {
    setFocused(false);
    rest.onBlur?.(event);
  }

  function click(event: MouseEvent<HTMLButtonElement>) {
    if (off) event.preventDefault();
    else rest.onClick?.(event);
  }

  return (
    <button
      {...rest}
      type={type}
      disabled={off && !focused}
      aria-disabled={(off && focused) || undefined}
      aria-busy={busy || undefined}
      className={buttonStyle(tone, className)}
      onFocus={focus}
      onBlur={blur}
      onClick={click}
    >
      {busy && <LoaderCircle aria-hidden="true" className="size-4 animate-spin" />}
      {children}
    </button>
  );
}

/** A button that shows only a picture and says its name to those who can't see it, or hover. */
export function IconButton({ label, hint, className, ...rest }: Omit<Props, 'tone' | 'busy'> & { label: string; hint?: string }) {
  return (
    <Button
      tone="quiet"
      aria-label={label}
      title={hint ? `${label} (${hint})` : label}
      aria-keyshortcuts={hint}
      className={clsx('size-10 px-0!', className)}
      {...rest}
    />
  );
}
