import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { flushSync } from 'react-dom';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { vi } from 'vitest';
import { routes } from '@/app/router';
import { expireSession } from '@/features/session/api/session';
import { createQueryClient } from '@/lib/queryClient';

/** The whole app at an address. `path()` says where it is now. */
export function renderApp(address: string) {
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const client = createQueryClient({ onUnauthorized: expireSession });

  render(
    <QueryClientProvider client={client}>
      {/* As react-router/dom does, which Node would load as a second copy of the router. */}
      <RouterProvider router={router} flushSync={(update) => flushSync(update) as undefined} />
    </QueryClientProvider>,
  );

  return {
    user: userEvent.setup({ advanceTimers: (ms) => (vi.isFakeTimers() ? vi.advanceTimersByTime(ms) : undefined) }),
    client,
    router,
    path: () => router.state.location.pathname + router.state.location.search,
  };
}
