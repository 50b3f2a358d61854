import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { RouterProvider } from 'react-router/dom';
import { expireSession } from '@/features/session/api/session';
import { createQueryClient } from '@/lib/queryClient';
import { createRouter } from './router';

export function App() {
  const [client] = useState(() => createQueryClient({ onUnauthorized: expireSession }));
  const [router] = useState(createRouter);

  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
