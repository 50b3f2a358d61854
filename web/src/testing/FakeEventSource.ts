import { act } from '@testing-library/react';

/** Stands in for the browser's event source; a test says what the server sends. */
export class FakeEventSource extends EventTarget {
  private static opened: FakeEventSource | undefined;

  /** The one that was opened last. */
  static get last() {
    if (!FakeEventSource.opened) throw new Error('None was opened.');
    return FakeEventSource.opened;
  }

  readonly url: string;
  closed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.opened = this;
  }

  close() {
    this.closed = true;
  }

  send = (name: string, body: object) =>
    act(() => void this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(body) })));

  /** Breaks off, as a server does that stops. */
  fail = () => act(() => void this.dispatchEvent(new Event('error')));
}
