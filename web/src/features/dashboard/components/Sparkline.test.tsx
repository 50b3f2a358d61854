import { render } from '@testing-library/react';
import { expect, it } from 'vitest';
import { readPeriod } from '@/features/consumption/lib/periodModel';
import { dayOf, full, heatPump, nothing } from '@/testing/data';
import { Sparkline } from './Sparkline';

/** The bars of a day whose hour 1 is zero, whose hour 2 is missing and whose hours from 4 are ahead. */
function bars(kwh: number) {
  const day = dayOf(heatPump, '2026-11-20', (hour) => (hour === 1 ? full(0) : hour === 2 || hour > 3 ? nothing : full(kwh)));
  const period = readPeriod(day, 0, new Date('2026-11-20T04:00:00+02:00'));
  const { container } = render(<Sparkline day={period} color="--series-1" label="Heat pump" />);
  const size = (bar: Element, name: string) => Number(bar.getAttribute(name));

  return [...container.querySelectorAll('rect')].map((bar) => ({
    area: size(bar, 'width') * size(bar, 'height'),
    bottom: size(bar, 'y') + size(bar, 'height'),
    fill: bar.getAttribute('fill'),
  }));
}

it.each([0, 0.1, 1000])('draws an hour of zero with more than a missing hour, beside hours of %d kWh', (kwh) => {
  const [, zero, missing] = bars(kwh);

  expect(zero?.fill).toBe('var(--series-1)');
  expect(missing?.fill).toBe('var(--ink-faint)');
  expect(zero?.area).toBeGreaterThan(3 * (missing?.area ?? Infinity));
  expect([zero?.bottom, missing?.bottom]).toEqual([48, 48]);
});

it('draws hours ahead fainter than missing ones', () => {
  expect(bars(1)[5]?.fill).toBe('var(--line)');
});
