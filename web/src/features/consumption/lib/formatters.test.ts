import { afterEach, expect, it, vi } from 'vitest';
import { dayOf, full, heatPump } from '@/testing/data';
import { formatEnergy } from '@/lib/energy';
import { compareNames, formatNumber } from '@/lib/intl';
import { formatAgo, formatMoment } from '@/lib/time';
import { formatDay } from '@/lib/zone';
import { readPeriod } from './periodModel';

const made = vi.fn();
const watched = ['DateTimeFormat', 'NumberFormat', 'RelativeTimeFormat', 'Collator'] as const;
const genuine = Object.fromEntries(watched.map((name) => [name, Intl[name]]));

afterEach(() => Object.assign(Intl, genuine));

it('makes as many formatters for three hundred days of a device as for one', () => {
  const read = () => {
    readPeriod(
      dayOf(heatPump, '2026-11-20', () => full(1)),
      2,
      new Date('2026-11-20T10:30:00Z'),
    );
    [formatEnergy(1.25), formatNumber(3), formatAgo(new Date()), formatMoment(new Date()), compareNames('a', 'b')].forEach(
      String,
    );
    formatDay('2026-11-20', { weekday: 'short' });
  };
  read();

  for (const name of watched) {
    const Genuine = genuine[name] as unknown as new (...of: unknown[]) => object;
    Object.assign(Intl, {
      [name]: function (...of: unknown[]) {
        made(name);
        return new Genuine(...of);
      },
    });
  }
  for (let day = 0; day < 300; day++) read();

  expect(made).not.toHaveBeenCalled();
});

it('orders names as people do', () => {
  expect(['Meter 10', 'meter 9', 'Meter 2'].toSorted(compareNames)).toEqual(['Meter 2', 'meter 9', 'Meter 10']);
});
