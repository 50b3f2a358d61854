import { createBrowserRouter, type RouteObject } from 'react-router';
import { PageLoading } from '@/components/ui/PageLoading';
import { RequireSession } from '@/features/session/components/RequireSession';
import { AppShell } from './AppShell';
import { NotFoundPage } from './NotFoundPage';
import { RouteError } from './RouteError';

export const routes: RouteObject[] = [
  {
    ErrorBoundary: RouteError,
    HydrateFallback: PageLoading,
    children: [
      { path: '/sign-in', lazy: () => import('@/features/session/pages/SignInPage') },
      { path: '/register', lazy: () => import('@/features/session/pages/RegisterPage') },
      {
        Component: RequireSession,
        children: [
          {
            Component: AppShell,
            ErrorBoundary: RouteError,
            children: [
              { index: true, lazy: () => import('@/features/dashboard/pages/DashboardPage') },
              { path: '/consumption/:deviceId?', lazy: () => import('@/features/consumption/pages/ConsumptionPage') },
              { path: '/alerts', lazy: () => import('@/features/alerts/pages/AlertsPage') },
              { path: '/account', lazy: () => import('@/features/session/pages/AccountPage') },
              { path: '*', Component: NotFoundPage },
            ],
          },
        ],
      },
    ],
  },
];

export const createRouter = () => createBrowserRouter(routes);
