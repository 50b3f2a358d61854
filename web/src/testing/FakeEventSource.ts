import { act } from '@testing-library/react';

/** Stands in for the browser's event source; a test says what the server sends. */
export class FakeEventSource extends EventTarget {
  /** The one that was opened last. */
  static last: FakeEventSource | undefined;

  readonly url: string;
  closed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.last = this;
  }

  close() {
    this.closed = true;
  }

  send = (name: string, body: object) =>
    act(() => void this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(body) })));

  /** Breaks off, as a server does that stops. */
  fail = () => act(() => void this.dispatchEvent(new Event('error')));
}
