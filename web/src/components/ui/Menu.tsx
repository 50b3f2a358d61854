import { clsx } from 'clsx';
import { DropdownMenu } from 'radix-ui';
import type { ComponentProps } from 'react';

const item =
  'flex h-10 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm select-none focus-visible:-outline-offset-2 data-disabled:opacity-45 data-highlighted:bg-sunken';

/** Leaves the page behind it usable: nothing is hidden or locked while it is open. */
export const Menu = (props: ComponentProps<typeof DropdownMenu.Root>) => <DropdownMenu.Root modal={false} {...props} />;

export const MenuTrigger = DropdownMenu.Trigger;
export const MenuRadioGroup = DropdownMenu.RadioGroup;

export function MenuContent({ className, ...rest }: ComponentProps<typeof DropdownMenu.Content>) {
  return <DropdownMenu.Content align="end" sideOffset={8} className={clsx('card z-30 min-w-48 p-1.5', className)} {...rest} />;
}

export const MenuItem = ({ className, ...rest }: ComponentProps<typeof DropdownMenu.Item>) => (
  <DropdownMenu.Item className={clsx(item, className)} {...rest} />
);

export const MenuRadioItem = ({ className, ...rest }: ComponentProps<typeof DropdownMenu.RadioItem>) => (
  <DropdownMenu.RadioItem
    className={clsx(item, 'data-[state=checked]:font-semibold data-[state=checked]:text-accent', className)}
    {...rest}
  />
);

export const MenuLabel = ({ className, ...rest }: ComponentProps<typeof DropdownMenu.Label>) => (
  <DropdownMenu.Label className={clsx('px-3 py-2 text-sm', className)} {...rest} />
);
