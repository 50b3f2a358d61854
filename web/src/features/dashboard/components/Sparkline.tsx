import type { PeriodModel } from '@/features/consumption/lib/periodModel';

interface Props {
  day: PeriodModel;
  /** CSS variable of the device's colour. */
  color: string;
  label: string;
}

const [width, height] = [240, 48];

/** So that a true zero can be seen. */
const leastBar = 2;

/** A day's hours as small bars, its limit as a line. Nothing used is a flat bar, nothing known a small dot: the more is known, the more is drawn. */
export function Sparkline({ day: { bars, limit, peak }, color, label }: Props) {
  const highest = Math.max(peak?.energy ?? 0, limit !== null && limit <= 2 * (peak?.energy ?? 0) ? limit : 0) || 1;
  const band = width / bars.length;
  const at = (kwh: number) => height - (kwh / highest) * (height - 4);

  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" className="h-12 w-full">
      {bars.map(({ key, energy, state, over }, hour) =>
        energy !== null ? (
          <rect
            key={key}
            x={hour * band + band * 0.15}
            width={band * 0.7}
            y={Math.min(height - leastBar, at(energy))}
            height={Math.max(leastBar, height - at(energy))}
            rx={1.5}
            fill={over ? 'var(--alert)' : `var(${color})`}
            opacity={state === 'running' ? 0.55 : 1}
            // Some of its readings are missing: the rest of it isn't known.
            fillOpacity={state === 'incomplete' ? 0.35 : 1}
            stroke={state === 'incomplete' ? `var(${color})` : 'none'}
            strokeDasharray="3 2"
            vectorEffect="non-scaling-stroke"
          />
        ) : (
          <rect
            key={key}
            x={hour * band + band * 0.4}
            width={band * 0.2}
            y={height - 1.5}
            height={1.5}
            fill={state === 'missing' ? 'var(--ink-faint)' : 'var(--line)'}
          />
        ),
      )}
      {limit !== null && limit <= highest && (
        <line
          x1={0}
          x2={width}
          y1={at(limit)}
          y2={at(limit)}
          stroke="var(--alert)"
          strokeDasharray="4 3"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}
