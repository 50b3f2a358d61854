import { describe, expect, it } from 'vitest';
import { BarChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use as register } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { datesBetween, dayOf, daysOf, full, fullDay, heatPump, nothing } from '@/testing/data';
import { energy, moneyIn, type Measure } from '@/lib/measure';
import { readPeriod, type PeriodModel } from './periodModel';
import { barRemark, limitInView, periodOption, type PeriodChartOption, type PeriodPicture } from './periodOption';

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
const model = (limit: number, kind: Measure['kind'] = 'energy') =>
  readPeriod(
    dayOf(heatPump, '2026-11-20', (index) => sent[index] ?? (index === 6 ? full(0.2) : nothing)),
    limit,
    now,
    kind,
  );
const option = (period: PeriodModel, width = 900, more: Partial<PeriodPicture> = {}) =>
  periodOption({ period, measure: energy, compared: null, hoursOver: new Map(), ...more }, { palette, animate: true, width });

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

function series(of: PeriodChartOption, id: string) {
  const found = (of.series as Series[]).find((one) => one.id === id);
  if (!found) throw new Error(`No series ${id}.`);
  return found;
}

const values = (of: PeriodChartOption, id: string) => series(of, id).data.map(({ value }) => value);

describe('periodOption', () => {
  it('cuts bars at the limit and puts the rest on top in the alert colour', () => {
    const built = option(model(2));

    expect(values(built, 'within').slice(0, 2)).toEqual([1, 2]);
    expect(values(built, 'over').slice(0, 2)).toEqual(['-', 0.5]);
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
    const bars = (date: string) =>
      values(
        option(
          readPeriod(
            dayOf(heatPump, date, () => full(1)),
            2,
            new Date('2027-01-01'),
          ),
        ),
        'within',
      ).length;

    expect(bars('2026-03-29')).toBe(23);
    expect(bars('2026-10-25')).toBe(25);
  });

  it('leaves out a limit far above the bars, and has none without a limit', () => {
    expect(series(option(model(20)), 'within').markLine?.data).toEqual([]);
    expect(limitInView(model(20))).toBe(false);
    expect(series(option(model(0)), 'within').markLine?.data).toEqual([]);
    expect(values(option(model(0)), 'over')[1]).toBe('-');
  });
});

it('puts what is compared behind, on an axis with room for both', () => {
  const energies = Array.from({ length: 24 }, (_, index) => (index === 1 ? 7.4 : null));
  const built = option(model(2), 900, { compared: { energies, name: 'the day before' } });

  expect((series(built, 'compared').data as unknown[]).slice(0, 3)).toEqual(['-', 7.4, '-']);
  expect(built.yAxis).toMatchObject({ max: 8 });
});

it('draws money where money is wanted, without the limit, which is one of energy', () => {
  const built = option(model(2, 'money'), 900, { measure: moneyIn() });

  expect(values(built, 'within').slice(0, 3)).toEqual([0.5, 1.25, '-']);
  expect(series(built, 'within').markLine?.data).toEqual([]);
});

it('says of an hour without a price that its cost isn’t known', () => {
  const unpriced = readPeriod(
    dayOf({ ...heatPump, price: null }, '2026-11-20', () => full(1)),
    0,
    now,
    'money',
  );

  expect(unpriced.bars[0] && barRemark(unpriced.bars[0])).toBe('No price known');
  expect(unpriced).toMatchObject({ total: 0, cost: null, unpriced: 24, hasReadings: true });
});

/** What a chart shows that was given these pictures one after the other, as SVG. */
function drawn(...pictures: PeriodChartOption[]) {
  register([BarChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 900, height: 300 });
  pictures.forEach((one) => chart.setOption({ ...one, animation: false }, { replaceMerge: ['series'] }));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

describe('a chart that shows another period', () => {
  const month = readPeriod(
    daysOf(heatPump, datesBetween('2026-10-01', '2026-10-31'), () => fullDay(20)),
    2,
    now,
  );
  const hours = option(model(2));

  it('keeps no limit of the hours before it', () => {
    expect(drawn(hours)).toContain('Limit 2');
    expect(drawn(hours, option(month))).not.toContain('Limit');
    expect(drawn(hours, option(month, 900, { measure: moneyIn() }))).not.toContain('Limit');
    expect(drawn(hours, option(month), hours)).toContain('Limit 2');
  });
});

it('draws an hour of zero, which an hour without readings isn’t', () => {
  const period = (hour: typeof nothing) =>
    readPeriod(
      dayOf(heatPump, '2026-11-19', () => hour),
      0,
      now,
    );
  const bars = (svg: string) => svg.match(/fill="#00f"|fill="rgb\(0,0,255\)"/g)?.length ?? 0;

  expect(values(option(period(full(0))), 'within')).toEqual(Array<number>(24).fill(0));
  expect(bars(drawn(option(period(full(0)))))).toBe(24);
  expect(bars(drawn(option(period(nothing))))).toBe(0);
});

it('says what is known of an hour in words', () => {
  const { bars } = model(2);

  expect([0, 1, 2, 5, 6, 7].map((index) => bars[index] && barRemark(bars[index]))).toEqual([
    '',
    'Over the limit',
    'No data',
    '3 of 6 readings',
    'So far',
    'Not yet',
  ]);
});
