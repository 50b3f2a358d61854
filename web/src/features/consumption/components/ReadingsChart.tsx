import { LineChart } from 'echarts/charts';
import {
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkAreaComponent,
  TooltipComponent,
} from 'echarts/components';
import { use as register } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { motionAllowed, readPalette } from '@/lib/chart';
import { useTheme } from '@/lib/theme';
import type { PowerPoint } from '../lib/readings';
import { readingsOption, type Window } from '../lib/readingsOption';
import { useChart } from './useChart';

register([
  LineChart,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkAreaComponent,
  TooltipComponent,
  CanvasRenderer,
]);

interface Props {
  points: readonly PowerPoint[];
  zone: string;
  whole: Window;
  seen: Window;
  onSee: (seen: Window) => void;
  /** The closest look, in milliseconds. */
  least: number;
  color: string;
  label: string;
  className: string;
}

/** The line of readings. Default, because it is loaded lazily. */
export default function ReadingsChart({ points, zone, whole, seen, onSee, least, color, label, className }: Props) {
  const { container, chart, width } = useChart();
  const theme = useTheme();
  const see = useRef(onSee);

  useEffect(() => {
    see.current = onSee;
  }, [onSee]);

  const drawn = useRef<readonly unknown[]>([]);

  useEffect(() => {
    if (!chart || width === 0) return;

    const option = readingsOption(points, zone, whole, seen, {
      palette: readPalette(color),
      animate: motionAllowed(),
      width,
      least,
    });
    const picture = [chart, points, color, theme];
    const { xAxis, dataZoom } = option;

    // Zooming moves the axis only: the points are handed over once.
    chart.setOption(picture.every((part, index) => part === drawn.current[index]) ? { xAxis, dataZoom } : option);
    drawn.current = picture;
  }, [chart, points, zone, whole, seen, color, width, theme, least]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;

    // The chart follows the finger by itself; the page is told when it rests.
    chart?.on('datazoom', () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const [zoom] = (chart.getOption() as { dataZoom: { startValue: number; endValue: number }[] }).dataZoom;
        if (zoom) see.current([zoom.startValue, zoom.endValue]);
      }, 150);
    });

    return () => clearTimeout(timer);
  }, [chart]);

  return (
    <div role="img" aria-label={label}>
      <div ref={container} className={className} />
    </div>
  );
}
