// A household's usual day: quiet at night, a bump at breakfast, the evening on top.
const hours = [22, 19, 17, 16, 17, 24, 41, 58, 52, 38, 33, 36, 44, 40, 34, 35, 47, 66, 84, 96, 88, 70, 48, 31];
const limit = 80;

/** Ornament of the sign-in page. */
export function DayCurve({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 480 100" preserveAspectRatio="none" className={className}>
      {hours.map((height, hour) => (
        <g
          key={hour}
          style={{ animation: `grow 0.7s ${hour * 18}ms cubic-bezier(0.2, 0.8, 0.2, 1) both`, transformOrigin: '50% 100%' }}
        >
          <rect x={hour * 20 + 3} y={100 - Math.min(height, limit)} width="14" height={Math.min(height, limit)} fill="#2fae9f" />
          {height > limit && <rect x={hour * 20 + 3} y={100 - height} width="14" height={height - limit} fill="#ff9c70" />}
        </g>
      ))}
      <line
        x1="0"
        x2="480"
        y1={100 - limit}
        y2={100 - limit}
        stroke="#ffffff"
        strokeOpacity="0.45"
        strokeDasharray="4 5"
        strokeWidth="1"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
