import { BarChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { use as register } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { motionAllowed, readPalette } from '@/lib/chart';
import { useTheme } from '@/lib/theme';
import { linesOf, periodOption, type PeriodPicture } from '../lib/periodOption';
import { useChart } from './useChart';

register([BarChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

interface Props {
  picture: PeriodPicture;
  /** CSS variable of the device's colour. */
  color: string;
  /** What the picture shows, for those who can't see it. */
  label: string;
  className: string;
  /** Opens the time of a bar; absent when it can't be opened further. */
  onOpen: ((index: number) => void) | undefined;
}

/**
 * The bars. With the keyboard one steps through them by arrows, Home and End, and hears each; Enter opens it. Default,
 * because it is loaded lazily: the chart library is half of the page's code.
 */
export default function PeriodChart({ picture, color, label, className, onOpen }: Props) {
  const { container, chart, width } = useChart();
  const theme = useTheme();
  const [focused, setFocused] = useState<number | null>(null);
  const open = useRef(onOpen);
  const { bars } = picture.period;

  const shown = useRef(bars);

  useEffect(() => {
    open.current = onOpen;
    shown.current = bars;
  }, [onOpen, bars]);

  useEffect(() => {
    // Bars are replaced by series, so that they grow into their new height instead of starting afresh.
    if (width > 0)
      chart?.setOption(periodOption(picture, { palette: readPalette(color), animate: motionAllowed(), width }), {
        replaceMerge: ['series'],
      });
  }, [chart, picture, color, width, theme]);

  useEffect(() => {
    // Anywhere in a bar's column, also above it.
    let tapped: string | undefined;
    const click = ({ offsetX, offsetY, event }: { offsetX: number; offsetY: number; event: Event }) => {
      if (!chart?.containPixel('grid', [offsetX, offsetY])) return;
      const [index] = chart.convertFromPixel('grid', [offsetX, offsetY]);
      if (index === undefined) return;

      // A finger can't point without pressing: its first tap shows the figures, the next one on the same bar opens it.
      const bar = shown.current[index]?.key;
      const first = event.type.startsWith('touch') && bar !== tapped;
      tapped = first ? bar : undefined;
      if (!first) open.current?.(index);
    };

    chart?.getZr().on('click', click);
    return () => {
      if (chart && !chart.isDisposed()) chart.getZr().off('click', click);
    };
  }, [chart]);

  function show(index: number) {
    const next = Math.max(0, Math.min(bars.length - 1, index));
    setFocused(next);

    const [x] = chart?.convertToPixel('grid', [next, 0]) ?? [];
    if (x !== undefined) chart?.dispatchAction({ type: 'showTip', x, y: 40 });
  }

  function press(event: KeyboardEvent) {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    const step = steps[event.key];

    if (step !== undefined) show((focused ?? (step > 0 ? -1 : bars.length)) + step);
    else if (event.key === 'Escape' && focused !== null) hide();
    else if (event.key === 'Enter' && focused !== null && onOpen) onOpen(focused);
    else return;

    event.preventDefault();
  }

  function hide() {
    setFocused(null);
    chart?.dispatchAction({ type: 'hideTip' });
  }

  return (
    <div
      role="application"
      aria-roledescription="chart"
      aria-label={`${label} Arrow keys read it bar by bar.`}
      tabIndex={0}
      onKeyDown={press}
      onBlur={hide}
      className="rounded-lg"
    >
      <div ref={container} aria-hidden="true" className={`${className} ${onOpen ? '*:cursor-pointer!' : ''}`} />
      <p className="sr-only" aria-live="polite">
        {focused !== null &&
          linesOf(picture, focused)
            .map(({ text }) => text)
            .join(', ')}
      </p>
    </div>
  );
}
