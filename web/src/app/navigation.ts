import { Bell, ChartColumn, LayoutDashboard, PlugZap, ReceiptText, ServerCog, Tags, Users, type LucideIcon } from 'lucide-react';

export interface Place {
  to: string;
  label: string;
  icon: LucideIcon;
  /** Only administrators see it. */
  admin?: boolean;
  /** Current only at exactly this address. */
  end?: boolean;
}

/** Where the navigation leads, the most used first: a phone shows the first few, and the rest behind “More”. */
export const places: readonly Place[] = [
  { to: '/', label: 'Overview', icon: LayoutDashboard, end: true },
  { to: '/consumption', label: 'Consumption', icon: ChartColumn },
  { to: '/alerts', label: 'Alerts', icon: Bell },
  { to: '/statement', label: 'Statement', icon: ReceiptText },
  { to: '/users', label: 'Users', icon: Users, admin: true },
  { to: '/devices', label: 'Devices', icon: PlugZap, admin: true, end: true },
  { to: '/tariffs', label: 'Tariffs', icon: Tags, admin: true },
  { to: '/system', label: 'System', icon: ServerCog, admin: true },
];
