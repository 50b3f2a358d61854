import { clsx } from 'clsx';
import { CircleCheck, TriangleAlert, X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { useEffect } from 'react';
import { Button, IconButton } from './Button';
import { dismissToast, dismissToasts, useToasts } from './toast';

/** Where toasts appear: above the navigation on phones, else in the corner. F8 leads there by keyboard. */
export function Toaster() {
  useEffect(() => dismissToasts, []);

  return (
    <Toast.Provider swipeDirection="right" duration={7_000}>
      {useToasts().map(({ id, text, tone, action }) => {
        const Icon = tone === 'alert' ? TriangleAlert : CircleCheck;

        return (
          <Toast.Root
            key={id}
            type={tone === 'alert' ? 'foreground' : 'background'}
            onOpenChange={(open) => !open && dismissToast(id)}
            className="card flex items-center gap-3 py-2 pr-2 pl-4 text-sm"
          >
            <Icon aria-hidden="true" className={clsx('size-5 shrink-0', tone === 'alert' ? 'text-alert' : 'text-accent')} />
            <Toast.Description className="min-w-0 flex-1 py-1.5">{text}</Toast.Description>
            {action && (
              <Toast.Action asChild altText={action.label}>
                <Button tone="quiet" className="h-9 px-3! text-accent!" onClick={action.onClick}>
                  {action.label}
                </Button>
              </Toast.Action>
            )}
            <Toast.Close asChild>
              <IconButton label="Dismiss" className="size-9!">
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </Toast.Close>
          </Toast.Root>
        );
      })}
      <Toast.Viewport className="fixed right-0 bottom-0 z-60 flex print:hidden w-full flex-col gap-2 p-4 outline-none max-lg:bottom-16 sm:max-w-md" />
    </Toast.Provider>
  );
}
