import { clsx } from 'clsx';
import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'react-router';
import { Name } from '@/components/ui/Name';
import { formatEnergy } from '@/lib/energy';
import { formatDay, todayIn } from '@/lib/zone';
import { endOf, type Device } from '../api/devices';
import { namesakes } from '../namesakes';

interface Props {
  devices: readonly Device[];
  colors: ReadonlyMap<string, string>;
  selected: string;
  /** The address that shows a device. */
  to: (device: Device) => string;
  /** Has the server search, where these aren't all devices. */
  onSearch: ((text: string) => void) | undefined;
}

/** More devices than this, and a filter helps. */
const many = 8;

/** The caller's devices to choose from: a column beside the page, or a row to swipe on phones. */
export function DeviceList({ devices, colors, selected, to, onSearch }: Props) {
  const [filter, setFilter] = useState('');
  const searched = useRef(filter);
  const current = useRef<HTMLAnchorElement>(null);

  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [selected]);

  useEffect(() => {
    if (!onSearch || searched.current === filter) return;

    const timer = setTimeout(() => {
      searched.current = filter;
      onSearch(filter.trim());
    }, 250);
    return () => clearTimeout(timer);
  }, [filter, onSearch]);

  const details = useMemo(() => namesakes(devices), [devices]);
  const wanted = filter.trim().toLocaleLowerCase();
  const shown = onSearch ? devices : devices.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));

  return (
    <nav aria-label="Devices" className="min-w-0">
      <h2 className="mb-3 px-1 text-sm font-semibold text-ink-soft max-lg:sr-only">
        Devices {!onSearch && <span className="font-normal text-ink-faint">{devices.length}</span>}
      </h2>

      {(onSearch !== undefined || devices.length > many) && (
        <label className="relative mb-3 block">
          <span className="sr-only">Filter devices by name</span>
          <Search aria-hidden="true" className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-ink-faint" />
          <input
            type="search"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            placeholder={onSearch ? 'Search' : 'Filter'}
            className="h-10 w-full rounded-xl border border-line bg-surface pr-3 pl-9 text-sm placeholder:text-ink-faint"
          />
        </label>
      )}

      <ul className="flex gap-2 max-lg:-mx-4 max-lg:snap-x max-lg:overflow-x-auto max-lg:px-4 max-lg:py-1 max-lg:[scrollbar-width:none] lg:max-h-[70dvh] lg:flex-col lg:overflow-y-auto lg:p-1">
        {shown.map((device) => {
          const isSelected = device.id === selected;
          const end = endOf(device);

          return (
            <li key={device.id} className="max-lg:shrink-0 max-lg:snap-center">
              <Link
                ref={isSelected ? current : null}
                to={to(device)}
                aria-current={isSelected ? 'true' : undefined}
                className={clsx(
                  'flex items-center gap-3 rounded-2xl border px-3.5 py-2.5 transition-colors lg:py-3',
                  isSelected
                    ? 'border-line bg-surface shadow-card'
                    : 'border-transparent hover:bg-sunken max-lg:border-line max-lg:bg-surface/60',
                )}
              >
                <span
                  aria-hidden="true"
                  className={clsx('w-1.5 shrink-0 self-stretch rounded-full transition-opacity', !isSelected && 'opacity-45')}
                  style={{ background: `var(${colors.get(device.id) ?? '--device-1'})` }}
                />
                <span className="min-w-0">
                  <Name truncate className={clsx('max-lg:max-w-44', isSelected ? 'font-semibold' : 'font-medium')}>
                    {device.name}
                  </Name>
                  <span className="block truncate text-xs text-ink-faint max-lg:max-w-44">
                    {end !== null &&
                      `Yours until ${formatDay(todayIn(device.time_zone, new Date(end)), { dateStyle: 'medium' })}`}
                    {end === null &&
                      (details.get(device.id) ??
                        (device.max_consumption > 0 ? `Limit ${formatEnergy(device.max_consumption)} per hour` : 'No limit'))}
                  </span>
                </span>
              </Link>
            </li>
          );
        })}
        {shown.length === 0 && <li className="px-3 py-2 text-sm text-ink-soft">No device is called that.</li>}
      </ul>
    </nav>
  );
}
