import type { BarSeriesOption } from 'echarts/charts';
import type { GridComponentOption, MarkLineComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { energyUnit, formatEnergy, type EnergyUnit } from '@/lib/energy';
import { locale } from '@/lib/locale';
import type { DayModel, Hour } from './dayModel';

export type HourlyChartOption = ComposeOption<
  BarSeriesOption | GridComponentOption | MarkLineComponentOption | TooltipComponentOption
>;

export interface ChartPalette {
  device: string;
  alert: string;
  ink: string;
  inkSoft: string;
  faint: string;
  line: string;
  surface: string;
  sunken: string;
  font: string;
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

/** A limit this many times the highest hour would squeeze the bars flat; then it is told in words instead. */
const tooFarAbove = 4;

export const limitInView = ({ limit, peak }: DayModel) => limit !== null && limit <= tooFarAbove * (peak?.energy ?? 0);

/**
 * The day as bars. Each bar is cut at the limit, what is above it in the alert colour. Incomplete hours are hatched, the
 * running hour is pale, and hours without readings have no bar but a hatched band behind.
 */
export function hourlyOption(day: DayModel, { palette, animate, width }: Settings): HourlyChartOption {
  const limit = day.limit ?? Infinity;
  const showLimit = limitInView(day);
  const scale = niceScale(Math.max(day.peak?.energy ?? 0, showLimit ? limit : 0));
  const unit = energyUnit(scale.max);
  const band = Math.max(0, width - axisWidth) / day.hours.length;
  const gapLabels = new Map(missingRuns(day.hours).map((run) => [run.middle, run]));

  const stack = (part: (energy: number) => number, color: string, rounded: (hour: Hour) => boolean) =>
    day.hours.map((hour) => ({
      value: hour.energy === null ? ('-' as const) : part(hour.energy),
      itemStyle: {
        color,
        opacity: hour.state === 'running' ? 0.55 : 1,
        borderRadius: rounded(hour) ? [5, 5, 0, 0] : 0,
        ...(hour.state === 'incomplete' && { decal: hatch(palette.surface) }),
      },
    }));

  return {
    animation: animate,
    animationDuration: 350,
    animationDurationUpdate: 350,
    textStyle: { fontFamily: palette.font },
    grid: {
      left: 4 + unitOverhang(scale, unit),
      right: 8,
      top: 30,
      bottom: 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: {
      type: 'category',
      data: day.hours.map(({ start }) => start),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.line } },
      axisLabel: {
        color: palette.faint,
        fontSize: 12,
        margin: 12,
        formatter: (_: string, index: number) => day.hours[index]?.tick ?? '',
        hideOverlap: true,
        interval: (index: number) => isLabelled(day.hours, index, width < narrowBelow ? 6 : 3),
      },
    },
    yAxis: {
      type: 'value',
      max: scale.max,
      interval: scale.step,
      name: unit,
      nameGap: 14,
      nameTextStyle: { color: palette.faint, fontSize: 12, align: 'right', padding: [0, 8, 0, 0] },
      axisLabel: { color: palette.faint, fontSize: 12, formatter: (kwh: number) => tickLabel(kwh, unit) },
      splitLine: { lineStyle: { color: palette.line, type: [2, 4] } },
    },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.ink, opacity: 0.05 } },
      backgroundColor: palette.surface,
      borderColor: palette.line,
      padding: [10, 14],
      textStyle: { color: palette.ink, fontSize: 13 },
      extraCssText: 'border-radius: 12px; box-shadow: 0 8px 24px -8px rgb(0 0 0 / 0.25);',
      confine: true,
      transitionDuration: animate ? 0.15 : 0,
      formatter: (items) => {
        const index = Array.isArray(items) ? items[0]?.dataIndex : items.dataIndex;
        const hour = index === undefined ? undefined : day.hours[index];
        return hour ? tooltipElement(hour) : '';
      },
    },
    series: [
      {
        id: 'gaps',
        type: 'bar',
        silent: true,
        animation: false,
        barWidth: '100%',
        barGap: '-100%',
        z: 3,
        emphasis: { disabled: true },
        data: day.hours.map((hour, index) => {
          const run = gapLabels.get(index);
          const rotate = run && run.length * band < gapLabelWidth ? 90 : 0;

          return {
            value: hour.state === 'missing' ? scale.max : ('-' as const),
            itemStyle: { color: palette.sunken, decal: hatch(palette.surface) },
            label: {
              show: run !== undefined,
              position: 'inside',
              rotate,
              // The label sits on one hour; in the middle of an even number of hours it stands between two.
              offset: run && run.length % 2 === 0 ? (rotate ? [0, -band / 2] : [-band / 2, 0]) : [0, 0],
              formatter: 'no data',
              color: palette.inkSoft,
              fontSize: 12,
            },
          };
        }),
      },
      {
        id: 'within',
        type: 'bar',
        stack: 'energy',
        barWidth: '68%',
        barGap: '-100%',
        data: stack(
          (energy) => Math.min(energy, limit),
          palette.device,
          (hour) => !hour.over,
        ),
        ...(showLimit && {
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            lineStyle: { color: palette.alert, type: [6, 4], width: 1.5 },
            label: {
              formatter: `Limit ${formatEnergy(limit)}`,
              position: 'insideStartTop',
              color: palette.alert,
              fontSize: 12,
              fontWeight: 600,
            },
            data: [{ yAxis: limit }],
          },
        }),
      },
      {
        id: 'over',
        type: 'bar',
        stack: 'energy',
        barWidth: '68%',
        data: stack(
          (energy) => Math.max(0, energy - limit),
          palette.alert,
          (hour) => hour.over,
        ),
      },
    ],
  };
}

/** What is known of an hour, in words: for the tooltip and for the table. */
export function hourRemark({ state, over, readings, expected }: Hour) {
  const known = {
    complete: '',
    incomplete: `${readings} of ${expected} readings`,
    missing: 'No data',
    running: 'So far',
    ahead: 'Not yet',
  }[state];

  return [known, over ? 'over the limit' : ''].filter(Boolean).join(', ').replace(/^o/, 'O');
}

/** An axis that ends on a round number at or above the highest value, in four or five round steps. */
export function niceScale(highest: number) {
  if (highest <= 0) return { max: 1, step: 0.25 };

  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10) * power;

  return { max: trim(Math.ceil(highest / step - 1e-9) * step), step: trim(step) };
}

/** Every third or sixth hour of the clock; of an hour that comes twice only the first. */
const isLabelled = (hours: readonly Hour[], index: number, every: number) => {
  const hour = hours[index]?.clockHour;
  return hour !== undefined && hour % every === 0 && hours[index - 1]?.clockHour !== hour;
};

/** Hours without data that follow each other, with the index of the hour in their middle. */
function missingRuns(hours: readonly Hour[]) {
  const runs: { middle: number; length: number }[] = [];
  let length = 0;

  for (let index = 0; index <= hours.length; index++) {
    if (hours[index]?.state === 'missing') {
      length++;
    } else if (length > 0) {
      runs.push({ middle: index - Math.ceil(length / 2), length });
      length = 0;
    }
  }

  return runs;
}

// Elements instead of markup: a page whose policy forbids inline styles shows them all the same.
function tooltipElement(hour: Hour) {
  const element = document.createElement('div');
  const line = (text: string, className: string) => {
    const part = element.appendChild(document.createElement('div'));
    part.textContent = text;
    part.className = className;
  };

  line(hour.span, 'text-xs text-ink-faint');
  line(hour.energy === null ? hourRemark(hour) : formatEnergy(hour.energy), 'mt-0.5 text-base font-semibold');
  if (hour.energy !== null && hourRemark(hour))
    line(hourRemark(hour), hour.over ? 'text-xs text-alert' : 'text-xs text-ink-soft');
  return element;
}

const hatch = (color: string) => ({ symbol: 'rect', color, dashArrayX: [1, 0], dashArrayY: [2.5, 4], rotation: -Math.PI / 4 });

/** The unit stands above the tick labels; how many pixels it is wider than the longest of them. */
function unitOverhang({ max, step }: { max: number; step: number }, unit: EnergyUnit) {
  const longest = Math.max(tickLabel(max, unit).length, tickLabel(max - step, unit).length);
  return Math.max(0, unit.length * 8 - longest * 6.5);
}

const perUnit = { Wh: 1000, kWh: 1, MWh: 0.001 };

const tickLabel = (kwh: number, unit: EnergyUnit) => trim(kwh * perUnit[unit]).toLocaleString(locale());

const trim = (value: number) => Number(value.toPrecision(12));
