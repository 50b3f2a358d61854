import { act } from '@testing-library/react';

/** Stands in for SignalR. The server behind it is away until a test lets it be there. */
class FakeHub {
  available = false;
  invoked: [name: string, ...parameters: unknown[]][] = [];
  private handlers = new Map<string, (body: unknown) => void>();
  private closed: (() => void) | undefined;
  private open = false;

  reset() {
    this.available = false;
    this.open = false;
    this.invoked = [];
    this.handlers.clear();
    this.closed = undefined;
  }

  isOpen = () => this.open;

  /** Sends a message to the page. */
  send = (name: string, body: unknown) => act(() => this.handlers.get(name)?.(body));

  /** Breaks the connection off. */
  lose = () =>
    act(() => {
      this.open = false;
      this.closed?.();
    });

  connection = {
    start: () => {
      if (!this.available) return Promise.reject(new Error('The hub is away.'));
      this.open = true;
      return Promise.resolve();
    },
    stop: () => {
      this.open = false;
      return Promise.resolve();
    },
    on: (name: string, handler: (body: unknown) => void) => void this.handlers.set(name, handler),
    onclose: (handler: () => void) => {
      this.closed = handler;
    },
    invoke: (name: string, ...parameters: unknown[]) => {
      this.invoked.push([name, ...parameters]);
      return Promise.resolve();
    },
  };
}

export const hub = new FakeHub();

export class HubConnectionBuilder {
  withUrl = () => this;
  configureLogging = () => this;
  build = () => hub.connection;
}

export const HttpTransportType = { WebSockets: 1 };
export const LogLevel = { None: 6 };
