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
  color: string;
  label: string;
  className: string;
}

/** The line of readings. Default, because it is loaded lazily. */
export default function ReadingsChart({ points, zone, whole, seen, onSee, color, label, className }: Props) {
  const { container, chart, width } = useChart();
  const theme = useTheme();
  const see = useRef(onSee);

  useEffect(() => {
    see.current = onSee;
  }, [onSee]);

  useEffect(() => {
    if (width > 0)
      chart?.setOption(
        readingsOption(points, zone, whole, seen, { palette: readPalette(color), animate: motionAllowed(), width }),
      );
  }, [chart, points, zone, whole, seen, color, width, theme]);

  useEffect(() => {
    chart?.on('datazoom', () => {
      const [zoom] = (chart.getOption() as { dataZoom: { startValue: number; endValue: number }[] }).dataZoom;
      if (zoom) see.current([zoom.startValue, zoom.endValue]);
    });
  }, [chart]);

  return (
    <div role="img" aria-label={label}>
      <div ref={container} className={className} />
    </div>
  );
}
