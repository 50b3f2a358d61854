import { clsx } from 'clsx';
import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';
import { Button, IconButton } from './Button';

const overlay = 'fixed inset-0 z-40 bg-[#0b1312]/50 backdrop-blur-[2px]';

const sheet =
  'card fixed z-50 flex max-h-[85dvh] flex-col outline-none max-sm:inset-x-0 max-sm:bottom-0 max-sm:rounded-b-none sm:top-1/2 sm:left-1/2 sm:w-full sm:-translate-1/2';

/** Notes what has the focus when a dialog opens, and gives it back: these dialogs have no trigger that the library would know of. */
function useFocusBack() {
  const before = useRef<HTMLElement | null>(null);

  return {
    onOpenAutoFocus: () => {
      before.current = document.activeElement as HTMLElement | null;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      (before.current?.isConnected ? before.current : document.getElementById('content'))?.focus();
    },
  };
}

/** The first entry, where there is one. An entry that takes the focus by itself does so too early for it to go back where it was. */
function focusEntry(event: Event) {
  const entry = (event.currentTarget as HTMLElement).querySelector('input');
  if (!entry) return;

  event.preventDefault();
  entry.focus();
}

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** A window over the page, or a sheet from below on phones. Escape closes it, and the focus goes back to where it was. */
export function Dialog({ open, onClose, title, description, wide = false, children }: Props) {
  const { onOpenAutoFocus, onCloseAutoFocus } = useFocusBack();

  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          className={clsx(sheet, wide ? 'sm:max-w-2xl' : 'sm:max-w-lg')}
          onOpenAutoFocus={(event) => {
            onOpenAutoFocus();
            focusEntry(event);
          }}
          onCloseAutoFocus={onCloseAutoFocus}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header className="flex items-start gap-4 px-5 pt-5 pb-3 sm:px-6">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-sm text-ink-soft">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-mt-1.5 -mr-2">
                <X aria-hidden="true" className="size-5" />
              </IconButton>
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onCancel: () => void;
  onConfirm: () => void;
  title: string;
  /** What the button that does it says. */
  confirm: string;
  cancel?: string;
  /** Running already: it can't be called off, nor asked for twice. */
  busy?: boolean;
  danger?: boolean;
  /** The consequences. */
  children: ReactNode;
}

/** Asks before something that can't be taken back. The careful answer has the focus. */
export function ConfirmDialog(props: ConfirmProps) {
  const { open, onCancel, onConfirm, title, confirm, cancel = 'Cancel', busy = false, danger = false, children } = props;
  const focusBack = useFocusBack();

  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && !busy && onCancel()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={overlay} />
        <AlertDialog.Content className={clsx(sheet, 'p-5 sm:max-w-md sm:p-6')} {...focusBack}>
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-2 grid gap-3 overflow-y-auto text-sm text-ink-soft">{children}</div>
          </AlertDialog.Description>
          <footer className="mt-6 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button disabled={busy}>{cancel}</Button>
            </AlertDialog.Cancel>
            <Button tone={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
              {confirm}
            </Button>
          </footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
