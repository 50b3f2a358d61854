import { Outlet } from 'react-router';
import { Tabs } from '@/components/ui/Tabs';

const tabs = [
  { to: '/devices/import', label: 'Devices', end: true },
  { to: '/devices/import/readings', label: 'Readings' },
];

/** What surrounds the pages that import files. */
export function Component() {
  return (
    <>
      <Tabs label="Import" tabs={tabs} />
      <Outlet />
    </>
  );
}
