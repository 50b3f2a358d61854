import { useSyncExternalStore } from 'react';

export interface ToastMessage {
  id: number;
  text: string;
  tone: 'calm' | 'alert';
  /** Something that can be done about it, such as taking it back. */
  action: { label: string; onClick: () => void } | undefined;
}

/** More at once would hide the page. */
const most = 3;

let messages: readonly ToastMessage[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly ToastMessage[]) {
  messages = next;
  listeners.forEach((listener) => listener());
}

/** Says what has just happened, without asking for an answer. */
export function toast(text: string, { tone = 'calm', action }: Partial<Pick<ToastMessage, 'tone' | 'action'>> = {}) {
  // The oldest gives way; what can still be taken back rather stays.
  const leaving = messages.length < most ? undefined : (messages.find((message) => !message.action) ?? messages[0]);
  change([...messages.filter((message) => message !== leaving), { id: ++last, text, tone, action }]);
}

export const dismissToast = (id: number) => change(messages.filter((message) => message.id !== id));

/** What one person was told is nothing to the next. */
export const dismissToasts = () => change([]);

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useToasts = () => useSyncExternalStore(subscribe, () => messages);
