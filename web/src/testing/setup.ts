import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { hub } from './FakeHub';
import { server } from './server';

// A busy machine takes its time; waiting ends as soon as what is waited for is there.
configure({ asyncUtilTimeout: 8_000 });

// What a browser has and jsdom lacks.
vi.stubGlobal('matchMedia', (query: string) => Object.assign(new EventTarget(), { matches: false, media: query }));
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.hasPointerCapture = () => false;
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe = () => undefined;
    unobserve = () => undefined;
    disconnect = () => undefined;
  },
);

// The canvas is looked at in a browser; here the chart is its description.
vi.mock('@/features/consumption/components/PeriodChart', async () => await import('./ChartDouble'));
vi.mock('@/features/consumption/components/ReadingsChart', async () => await import('./ChartDouble'));

// Live only where a test has it so.
vi.mock('@microsoft/signalr', async () => await import('./FakeHub'));

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));

afterEach(() => {
  cleanup();
  server.resetHandlers();
  vi.useRealTimers();
  hub.reset();
});

afterAll(() => server.close());
