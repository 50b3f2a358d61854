import type { LineSeriesOption } from 'echarts/charts';
import type {
  DataZoomComponentOption,
  GridComponentOption,
  MarkAreaComponentOption,
  TooltipComponentOption,
} from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { tooltipElement, tooltipStyle, type ChartPalette } from '@/lib/chart';
import { formatPower } from '@/lib/energy';
import { formatNumber } from '@/lib/intl';
import { niceScale } from '@/lib/measure';
import { gapsOf, type PowerPoint } from './readings';
import { clocksChange, momentName, tickName, ticksBetween } from './timeAxis';

export type ReadingsChartOption = ComposeOption<
  LineSeriesOption | GridComponentOption | TooltipComponentOption | DataZoomComponentOption | MarkAreaComponentOption
>;

/** What part of the time is seen, in milliseconds. */
export type Window = readonly [from: number, to: number];

interface Settings {
  palette: ChartPalette;
  animate: boolean;
  /** Of the chart, in pixels. */
  width: number;
  /** The closest look, in milliseconds. */
  least: number;
}

const tickWidth = 80;

/** The readings as a line of average power. Tens of thousands of points are thinned so that its peaks stay. */
export function readingsOption(
  points: readonly PowerPoint[],
  zone: string,
  whole: Window,
  seen: Window,
  { palette, animate, width, least }: Settings,
): ReadingsChartOption {
  const scale = niceScale(points.reduce((highest, [, kw]) => Math.max(highest, kw ?? 0), 0));
  const ambiguous = clocksChange(whole[0], whole[1], zone);
  const ticks = ticksBetween(seen[0], seen[1], zone, Math.max(2, Math.floor(width / tickWidth)));

  return {
    animation: false,
    textStyle: { fontFamily: palette.font },
    grid: { left: 16, right: 8, top: 30, bottom: 56, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: 'value',
      min: whole[0],
      max: whole[1],
      axisTick: { show: true, customValues: ticks, lineStyle: { color: palette.line } },
      axisLine: { lineStyle: { color: palette.line } },
      splitLine: { show: false },
      axisLabel: {
        color: palette.faint,
        fontSize: 12,
        margin: 10,
        hideOverlap: true,
        customValues: ticks,
        formatter: (moment: number) => tickName(moment, zone),
      },
    },
    yAxis: {
      type: 'value',
      min: 0,
      max: scale.max,
      interval: scale.step,
      axisLine: { show: false },
      axisTick: { show: false },
      name: 'kW',
      nameGap: 14,
      nameTextStyle: { color: palette.faint, fontSize: 12, align: 'right', padding: [0, 8, 0, 0] },
      axisLabel: { color: palette.faint, fontSize: 12, formatter: (kw: number) => formatNumber(kw) },
      splitLine: { lineStyle: { color: palette.line, type: [2, 4] } },
    },
    tooltip: {
      ...tooltipStyle(palette, animate),
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: palette.faint } },
      formatter: (items) => {
        const value = (Array.isArray(items) ? items[0] : items)?.value as PowerPoint | undefined;
        return value?.[1] == null
          ? ''
          : tooltipElement([
              { text: momentName(value[0], zone, ambiguous), tone: 'faint' },
              { text: formatPower(value[1]), tone: 'strong' },
            ]);
      },
    },
    dataZoom: [
      // The wheel scrolls the page; with Ctrl or by pinching it zooms.
      {
        type: 'inside',
        startValue: seen[0],
        endValue: seen[1],
        zoomOnMouseWheel: 'ctrl',
        moveOnMouseWheel: false,
        minValueSpan: least,
      },
      {
        type: 'slider',
        startValue: seen[0],
        endValue: seen[1],
        minValueSpan: least,
        height: 28,
        bottom: 8,
        borderColor: palette.line,
        fillerColor: `${palette.device}22`,
        handleStyle: { color: palette.surface, borderColor: palette.device },
        moveHandleStyle: { color: palette.line },
        dataBackground: { lineStyle: { color: palette.faint, opacity: 0.5 }, areaStyle: { color: palette.sunken } },
        selectedDataBackground: { lineStyle: { color: palette.device }, areaStyle: { color: palette.device, opacity: 0.15 } },
        showDetail: false,
        brushSelect: false,
      },
    ],
    series: [
      {
        id: 'power',
        type: 'line',
        data: points as PowerPoint[],
        showSymbol: false,
        sampling: 'lttb',
        connectNulls: false,
        lineStyle: { color: palette.device, width: 1.5 },
        itemStyle: { color: palette.device },
        areaStyle: { color: palette.device, opacity: 0.12 },
        emphasis: { disabled: true },
        markArea: {
          silent: true,
          itemStyle: { color: palette.sunken, opacity: 0.7 },
          data: gapsOf(points).map(([from, to]) => [{ xAxis: from }, { xAxis: to }]),
        },
      },
    ],
  };
}

/** Closer to or further from the middle of what is seen, never beyond the whole. */
export function zoomed([from, to]: Window, factor: number, whole: Window): Window {
  const half = Math.min((to - from) * factor, whole[1] - whole[0]) / 2;
  return within([(from + to) / 2 - half, (from + to) / 2 + half], whole);
}

/** Half a window earlier or later. */
export function moved([from, to]: Window, halves: number, whole: Window): Window {
  const by = ((to - from) / 2) * halves;
  return within([from + by, to + by], whole);
}

function within([from, to]: Window, whole: Window): Window {
  const shift = Math.max(0, whole[0] - from) - Math.max(0, to - whole[1]);
  return [Math.max(whole[0], from + shift), Math.min(whole[1], to + shift)];
}
