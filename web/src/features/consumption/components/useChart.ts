import { init, type ECharts } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';

/** A chart in an element, as wide as the element is. */
export function useChart() {
  const container = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [width, setWidth] = useState(0);

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

  return { container, chart, width };
}
