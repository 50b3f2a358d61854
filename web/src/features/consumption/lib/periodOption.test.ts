import { describe, expect, it } from 'vitest';
import { dayOf, full, heatPump, nothing } from '@/testing/data';
import { hourlyOption, hourRemark, limitInView, niceScale, type HourlyChartOption } from './chartOption';
import { readDay, type DayModel } from './dayModel';

const palette = {
  device: '#00f',
  alert: '#f00',
  ink: '#000',
  inkSoft: '#444',
  faint: '#888',
  line: '#ccc',
  surface: '#fff',
  sunken: '#eee',
  font: 'sans-serif',
};

const sent = [full(1), full(2.5), nothing, nothing, nothing, { energy: 0.5, readings: 3 }];
const now = new Date('2026-11-20T06:30:00+02:00');
const model = (limit: number) =>
  readDay(
    dayOf(heatPump, '2026-11-20', (index) => sent[index] ?? (index === 6 ? full(0.2) : nothing)),
    limit,
    now,
  );
const option = (day: DayModel, width = 900) => hourlyOption(day, { palette, animate: true, width });

interface Datum {
  value: number | '-';
  itemStyle: { color: string; opacity: number; decal?: object };
  label?: { show: boolean; rotate: number };
}

interface Series {
  id: string;
  data: Datum[];
  markLine?: { data: { yAxis: number }[] };
}

function series(of: HourlyChartOption, id: string) {
  const found = (of.series as Series[]).find((one) => one.id === id);
  if (!found) throw new Error(`No series ${id}.`);
  return found;
}

const values = (of: HourlyChartOption, id: string) => series(of, id).data.map(({ value }) => value);

describe('hourlyOption', () => {
  it('cuts bars at the limit and puts the rest on top in the alert colour', () => {
    const built = option(model(2));

    expect(values(built, 'within').slice(0, 2)).toEqual([1, 2]);
    expect(values(built, 'over').slice(0, 2)).toEqual([0, 0.5]);
    expect(series(built, 'over').data[1]?.itemStyle.color).toBe('#f00');
    expect(series(built, 'within').markLine?.data).toEqual([{ yAxis: 2 }]);
  });

  it('draws no bar for a missing hour, but a band as high as the chart', () => {
    const built = option(model(2));

    expect(values(built, 'within')[2]).toBe('-');
    expect(values(built, 'gaps').slice(1, 6)).toEqual(['-', 3, 3, 3, '-']);
  });

  it('labels a run of missing hours once, in its middle', () => {
    const labelled = (width: number) =>
      series(option(model(2), width), 'gaps').data.flatMap(({ label }, index) => (label?.show ? [[index, label.rotate]] : []));

    expect(labelled(900)).toEqual([[3, 0]]);
    expect(labelled(320)).toEqual([[3, 90]]);
  });

  it('hatches incomplete hours and pales the running one', () => {
    const { data } = series(option(model(2)), 'within');

    expect(data[5]?.itemStyle.decal).toBeDefined();
    expect(data[0]?.itemStyle.decal).toBeUndefined();
    expect(data[6]?.itemStyle.opacity).toBeLessThan(1);
  });

  it('leaves the hours to come empty', () => {
    const built = option(model(2));

    expect(values(built, 'within')[7]).toBe('-');
    expect(values(built, 'gaps')[7]).toBe('-');
  });

  it('has a bar for each of 23 and 25 hours', () => {
    const hours = (date: string) =>
      values(
        option(
          readDay(
            dayOf(heatPump, date, () => full(1)),
            2,
            new Date('2027-01-01'),
          ),
        ),
        'within',
      ).length;

    expect(hours('2026-03-29')).toBe(23);
    expect(hours('2026-10-25')).toBe(25);
  });

  it('leaves out a limit far above the bars, and has none without a limit', () => {
    expect(series(option(model(20)), 'within').markLine).toBeUndefined();
    expect(limitInView(model(20))).toBe(false);
    expect(series(option(model(0)), 'within').markLine).toBeUndefined();
    expect(values(option(model(0)), 'over')[1]).toBe(0);
  });
});

describe('niceScale', () => {
  it.each([
    [0, 1, 0.25],
    [0.83, 1, 0.25],
    [1.34, 1.5, 0.5],
    [2, 2, 0.5],
    [7.4, 8, 2],
    [0.098, 0.1, 0.025],
    [4000, 4000, 1000],
  ])('ends %d at %d in steps of %d', (highest, max, step) => {
    expect(niceScale(highest)).toEqual({ max, step });
  });
});

it('says what is known of an hour in words', () => {
  const { hours } = model(2);

  expect([0, 1, 2, 5, 6, 7].map((index) => hours[index] && hourRemark(hours[index]))).toEqual([
    '',
    'Over the limit',
    'No data',
    '3 of 6 readings',
    'So far',
    'Not yet',
  ]);
});
