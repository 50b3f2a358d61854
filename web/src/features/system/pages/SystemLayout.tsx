import { Outlet } from 'react-router';
import { Tabs } from '@/components/ui/Tabs';

const tabs = [
  { to: '/system', label: 'Health', end: true },
  { to: '/system/repairs', label: 'Repairs' },
  { to: '/system/sagas', label: 'Account changes' },
  { to: '/system/audit', label: 'Audit log' },
  { to: '/system/ledger', label: 'Ledger' },
  { to: '/system/quarantine', label: 'Quarantine' },
];

/** What surrounds the pages about the system itself. */
export function Component() {
  return (
    <>
      <Tabs label="System" tabs={tabs} />
      <Outlet />
    </>
  );
}
