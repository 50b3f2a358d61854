import { createBrowserRouter, type RouteObject } from 'react-router';
import { PageLoading } from '@/components/ui/PageLoading';
import { RequireAdmin } from '@/features/session/components/RequireAdmin';
import { RequireSession } from '@/features/session/components/RequireSession';
import { AppShell } from './AppShell';
import { NotFoundPage } from './NotFoundPage';
import { AppError, PageError } from './RouteError';

export const routes: RouteObject[] = [
  {
    ErrorBoundary: AppError,
    HydrateFallback: PageLoading,
    children: [
      { path: '/sign-in', lazy: () => import('@/features/session/pages/SignInPage') },
      { path: '/register', lazy: () => import('@/features/session/pages/RegisterPage') },
      {
        Component: RequireSession,
        children: [
          {
            Component: AppShell,
            children: [
              // Not the shell's own, so that what leads elsewhere stays.
              {
                ErrorBoundary: PageError,
                children: [
                  { index: true, lazy: () => import('@/features/dashboard/pages/DashboardPage') },
                  { path: '/consumption/:deviceId?', lazy: () => import('@/features/consumption/pages/ConsumptionPage') },
                  { path: '/statement', lazy: () => import('@/features/statement/pages/StatementPage') },
                  { path: '/alerts', lazy: () => import('@/features/alerts/pages/AlertsPage') },
                  { path: '/account', lazy: () => import('@/features/session/pages/AccountPage') },
                  {
                    Component: RequireAdmin,
                    children: [
                      { path: '/users', lazy: () => import('@/features/users/pages/UsersPage') },
                      { path: '/users/new', lazy: () => import('@/features/users/pages/NewUserPage') },
                      { path: '/users/:userId', lazy: () => import('@/features/users/pages/UserPage') },
                      { path: '/devices', lazy: () => import('@/features/devices/pages/RegistryPage') },
                      { path: '/devices/new', lazy: () => import('@/features/devices/pages/NewDevicePage') },
                      {
                        path: '/devices/import',
                        lazy: () => import('@/features/devices/pages/ImportLayout'),
                        children: [
                          { index: true, lazy: () => import('@/features/devices/pages/ImportPage') },
                          { path: 'readings', lazy: () => import('@/features/devices/pages/ReadingImportPage') },
                        ],
                      },
                      { path: '/devices/:deviceId/edit', lazy: () => import('@/features/mappings/pages/DevicePage') },
                      { path: '/tariffs', lazy: () => import('@/features/tariffs/pages/TariffsPage') },
                      { path: '/tariffs/new', lazy: () => import('@/features/tariffs/pages/NewTariffPage') },
                      { path: '/tariffs/:tariffId', lazy: () => import('@/features/tariffs/pages/TariffPage') },
                      {
                        path: '/system',
                        lazy: () => import('@/features/system/pages/SystemLayout'),
                        children: [
                          { index: true, lazy: () => import('@/features/system/pages/HealthPage') },
                          { path: 'repairs', lazy: () => import('@/features/system/pages/RepairsPage') },
                          { path: 'sagas', lazy: () => import('@/features/system/pages/SagasPage') },
                          { path: 'sagas/:sagaId', lazy: () => import('@/features/system/pages/SagaPage') },
                          { path: 'audit', lazy: () => import('@/features/system/pages/AuditPage') },
                          { path: 'ledger', lazy: () => import('@/features/system/pages/LedgerPage') },
                          { path: 'quarantine', lazy: () => import('@/features/system/pages/QuarantinePage') },
                        ],
                      },
                    ],
                  },
                  { path: '*', Component: NotFoundPage },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
];

export const createRouter = () => createBrowserRouter(routes);
