import { BarChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use as register, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef, useState } from 'react';
import { useTheme } from '@/lib/theme';
import { hourlyOption, type ChartPalette } from '../lib/chartOption';
import type { DayModel } from '../lib/dayModel';

register([BarChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

interface Props {
  day: DayModel;
  /** CSS variable of the device's colour. */
  color: string;
  /** What the picture shows, for those who can't see it. */
  label: string;
  className: string;
}

/** Default, because it is loaded lazily: the chart library is half of the page's code. */
export default function HourlyChart({ day, color, label, className }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [width, setWidth] = useState(0);
  const theme = useTheme();

  useEffect(() => {
    const element = container.current;
    if (!element) return;

    const created = init(element);
    const observer = new ResizeObserver(() => {
      created.resize();
      setWidth(element.clientWidth);
    });

    observer.observe(element);
    setChart(created);

    return () => {
      observer.disconnect();
      created.dispose();
      setChart(null);
    };
  }, []);

  useEffect(() => {
    const animate = !window.matchMedia('(prefers-reduced-motion: reduce)').matches;

    // Axes and series are replaced by id, so that bars grow into their new height instead of starting afresh.
    if (width > 0)
      chart?.setOption(hourlyOption(day, { palette: readPalette(color), animate, width }), { replaceMerge: ['series'] });
  }, [chart, day, color, width, theme]);

  return <div ref={container} role="img" aria-label={label} className={className} />;
}

/** The chart paints with the theme's own colours. */
function readPalette(device: string): ChartPalette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();

  return {
    device: read(device),
    alert: read('--alert'),
    ink: read('--ink'),
    inkSoft: read('--ink-soft'),
    faint: read('--ink-faint'),
    line: read('--line'),
    surface: read('--surface'),
    sunken: read('--sunken'),
    font: style.fontFamily,
  };
}
