import type { BarSeriesOption } from 'echarts/charts';
import type { GridComponentOption, MarkLineComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { hatch, tooltipElement, tooltipStyle, type ChartPalette } from '@/lib/chart';
import type { Axis, Measure } from '@/lib/measure';
import type { Bar, PeriodModel } from './periodModel';

export type PeriodChartOption = ComposeOption<
  BarSeriesOption | GridComponentOption | MarkLineComponentOption | TooltipComponentOption
>;

export interface PeriodPicture {
  period: PeriodModel;
  measure: Measure;
  /** The same of the period that this one is compared with, bar by bar, and what it is called. */
  compared: { energies: readonly (number | null)[]; name: string } | null;
  /** How many hours over the limit a day has, by its key. */
  hoursOver: ReadonlyMap<string, number>;
}

interface Settings {
  palette: ChartPalette;
  animate: boolean;
  /** Of the chart, in pixels: narrow ones have room for fewer labels. */
  width: number;
}

const narrowBelow = 560;
const axisWidth = 44;
const gapLabelWidth = 60;

/** In pixels. */
const leastBar = 2;

/** A limit this many times the highest hour would squeeze the bars flat; then it is told in words instead. */
const tooFarAbove = 4;

export const limitInView = ({ limit, peak }: PeriodModel) => limit !== null && limit <= tooFarAbove * (peak?.energy ?? 0);

/**
 * A period as bars. Each hour is cut at the limit, what is above it in the alert colour. Incomplete bars are hatched, the
 * running one is pale, and where no readings came there is no bar but a hatched band behind. What is compared stands
 * behind as a wider, grey bar.
 */
export function periodOption(picture: PeriodPicture, { palette, animate, width }: Settings): PeriodChartOption {
  const { period, measure, compared, hoursOver } = picture;
  const { bars } = period;
  const limit = period.limit ?? Infinity;
  const showLimit = limitInView(period);
  const axis = measure.axis(
    Math.max(period.peak?.energy ?? 0, showLimit ? limit : 0, ...(compared?.energies.map((energy) => energy ?? 0) ?? [])),
  );
  const band = Math.max(0, width - axisWidth) / bars.length;
  const gapLabels = new Map(missingRuns(bars).map((run) => [run.middle, run]));
  const labelled = labelledBars(bars, width < narrowBelow);
  const category = { type: 'category' as const, data: bars.map(({ key }) => key) };
  const barWidth = compared ? '52%' : '68%';

  const stack = (part: (energy: number) => number | null, color: string, rounded: (bar: Bar) => boolean) =>
    bars.map((bar) => ({
      value: valueOf(bar.energy === null ? null : part(bar.energy), axis),
      itemStyle: {
        color,
        opacity: bar.state === 'running' ? 0.55 : 1,
        borderRadius: rounded(bar) || limit === Infinity ? corners(band) : 0,
        ...(bar.state === 'incomplete' && { decal: hatch(palette.surface) }),
      },
    }));

  return {
    animation: animate,
    animationDuration: 350,
    animationDurationUpdate: 350,
    textStyle: { fontFamily: palette.font },
    grid: {
      left: 4 + unitOverhang(axis),
      right: 8,
      top: 30,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    // Bars of different widths share a middle only when each width has an axis of its own.
    xAxis: [
      {
        ...category,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: palette.line } },
        axisLabel: {
          color: palette.faint,
          fontSize: 12,
          margin: 12,
          formatter: (_: string, index: number) => bars[index]?.tick ?? '',
          hideOverlap: true,
          interval: (index: number) => labelled.has(index),
        },
      },
      { ...category, show: false },
      { ...category, show: false },
    ],
    yAxis: {
      type: 'value',
      max: axis.max,
      interval: axis.step,
      name: axis.name,
      nameGap: 14,
      nameTextStyle: { color: palette.faint, fontSize: 12, align: 'right', padding: [0, 8, 0, 0] },
      axisLabel: { color: palette.faint, fontSize: 12, formatter: axis.tick },
      splitLine: { lineStyle: { color: palette.line, type: [2, 4] } },
    },
    tooltip: {
      ...tooltipStyle(palette, animate),
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.ink, opacity: 0.05 } },
      formatter: (items) => {
        const index = Array.isArray(items) ? items[0]?.dataIndex : items.dataIndex;
        return index === undefined ? '' : tooltipElement(linesOf(picture, index));
      },
    },
    series: [
      {
        id: 'gaps',
        type: 'bar',
        silent: true,
        animation: false,
        xAxisIndex: 1,
        barWidth: '100%',
        z: 3,
        emphasis: { disabled: true },
        data: bars.map((bar, index) => {
          const run = gapLabels.get(index);
          const rotate = run && run.length * band < gapLabelWidth ? 90 : 0;

          return {
            value: bar.state === 'missing' ? axis.max : ('-' as const),
            itemStyle: { color: palette.sunken, decal: hatch(palette.surface) },
            label: {
              show: run !== undefined && run.length * band > 14,
              position: 'inside',
              rotate,
              // The label sits on one bar; in the middle of an even number of bars it stands between two.
              offset: run && run.length % 2 === 0 ? (rotate ? [0, -band / 2] : [-band / 2, 0]) : [0, 0],
              formatter: 'no data',
              color: palette.inkSoft,
              fontSize: 12,
            },
          };
        }),
      },
      {
        id: 'compared',
        type: 'bar',
        silent: true,
        xAxisIndex: 2,
        barWidth: '84%',
        z: 3,
        itemStyle: { color: palette.faint, opacity: 0.3, borderRadius: corners(band) },
        emphasis: { disabled: true },
        data: bars.map((_, index) => {
          const energy = compared?.energies[index];
          return energy == null ? ('-' as const) : axis.of(energy);
        }),
      },
      {
        id: 'within',
        type: 'bar',
        stack: 'energy',
        barWidth,
        // A true zero is drawn too: it is known, as an hour without readings isn't.
        barMinHeight: leastBar,
        z: 4,
        data: stack(
          (energy) => Math.min(energy, limit),
          palette.device,
          (bar) => !bar.over,
        ),
        label: {
          show: hoursOver.size > 0,
          position: 'top',
          distance: 3,
          fontSize: 9,
          color: palette.alert,
          formatter: ({ dataIndex }) => ((hoursOver.get(bars[dataIndex]?.key ?? '') ?? 0) > 0 ? '●' : ''),
        },
        // Also without a limit: a series of the same name would keep the line of the picture before.
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          lineStyle: { color: palette.alert, type: [6, 4], width: 1.5 },
          label: {
            formatter: showLimit ? `Limit ${measure.format(limit)}` : '',
            position: 'insideStartTop',
            color: palette.alert,
            fontSize: 12,
            fontWeight: 600,
          },
          data: showLimit ? [{ yAxis: axis.of(limit) }] : [],
        },
      },
      {
        id: 'over',
        type: 'bar',
        stack: 'energy',
        barWidth,
        z: 4,
        data: stack(
          (energy) => (energy > limit ? energy - limit : null),
          palette.alert,
          (bar) => bar.over,
        ),
      },
    ],
  };
}

/** What is known of a bar, in words: for the tooltip, the table and those who step through the chart by keys. */
export function barRemark({ state, over, measured, readings, expected, energy }: Bar, hoursOver = 0) {
  const known = {
    complete: '',
    incomplete: `${readings} of ${expected} readings`,
    missing: 'No data',
    unexpected: 'No reading expected',
    running: 'So far',
    ahead: 'Not yet',
  }[state];
  const price = measured && energy === null ? 'no price known' : '';
  const limit = over
    ? 'over the limit'
    : hoursOver > 0
      ? `${hoursOver} ${hoursOver === 1 ? 'hour' : 'hours'} over the limit`
      : '';

  return [known, price, limit]
    .filter(Boolean)
    .join(', ')
    .replace(/^[no]/, (first) => first.toUpperCase());
}

/** A bar in words, line by line. */
export function linesOf({ period, measure, compared, hoursOver }: PeriodPicture, index: number) {
  const bar = period.bars[index];
  if (!bar) return [];

  const remark = barRemark(bar, hoursOver.get(bar.key));
  const other = compared?.energies[index];
  const alert = bar.over || (hoursOver.get(bar.key) ?? 0) > 0;

  return [
    { text: bar.name, tone: 'faint' as const },
    { text: bar.energy === null ? remark : measure.format(bar.energy), tone: 'strong' as const },
    ...(bar.energy !== null && remark ? [{ text: remark, tone: alert ? ('alert' as const) : ('soft' as const) }] : []),
    ...(compared && other != null ? [{ text: `${measure.format(other)} ${compared.name}`, tone: 'soft' as const }] : []),
  ];
}

/** Where an energy lies on an axis; nothing is drawn where there is none. */
const valueOf = (energy: number | null, axis: Axis) => (energy === null ? ('-' as const) : axis.of(energy));

/** Which bars the axis names; on a narrow chart every second of those. */
function labelledBars(bars: readonly Bar[], narrow: boolean) {
  const all = bars.flatMap(({ labelled }, index) => (labelled ? [index] : []));
  return new Set(narrow && all.length > 7 ? all.filter((_, place) => place % 2 === 0) : all);
}

/** Bars without data that follow each other, with the index of the one in their middle. */
function missingRuns(bars: readonly Bar[]) {
  const runs: { middle: number; length: number }[] = [];
  let length = 0;

  for (let index = 0; index <= bars.length; index++) {
    if (bars[index]?.state === 'missing') {
      length++;
    } else if (length > 0) {
      runs.push({ middle: index - Math.ceil(length / 2), length });
      length = 0;
    }
  }

  return runs;
}

const corners = (band: number) => {
  const radius = Math.min(5, band / 4);
  return [radius, radius, 0, 0];
};

/** The unit stands above the tick labels; how many pixels it is wider than the longest of them. */
function unitOverhang({ max, step, name, tick }: Axis) {
  const longest = Math.max(tick(max).length, tick(max - step).length);
  return Math.max(0, name.length * 8 - longest * 6.5);
}
