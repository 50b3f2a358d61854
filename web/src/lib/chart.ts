/** What charts share: the theme's colours, and how a tooltip looks. */
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

/** Charts paint on a canvas with the theme's own colours; `device` is the CSS variable of the device's. */
export function readPalette(device: string): ChartPalette {
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

export const motionAllowed = () => !window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export const hatch = (color: string) => ({
  symbol: 'rect',
  color,
  dashArrayX: [1, 0],
  dashArrayY: [2.5, 4],
  rotation: -Math.PI / 4,
});

export const tooltipStyle = (palette: ChartPalette, animate: boolean) => ({
  backgroundColor: palette.surface,
  borderColor: palette.line,
  padding: [10, 14],
  textStyle: { color: palette.ink, fontSize: 13 },
  extraCssText: 'border-radius: 12px; box-shadow: 0 8px 24px -8px rgb(0 0 0 / 0.25);',
  confine: true,
  transitionDuration: animate ? 0.15 : 0,
});

export interface TooltipLine {
  text: string;
  tone: 'strong' | 'soft' | 'faint' | 'alert';
}

const tones: Record<TooltipLine['tone'], string> = {
  strong: 'mt-0.5 text-base font-semibold',
  soft: 'text-xs text-ink-soft',
  faint: 'text-xs text-ink-faint',
  alert: 'text-xs text-alert',
};

// Elements instead of markup: a page whose policy forbids inline styles shows them all the same.
export function tooltipElement(lines: readonly TooltipLine[]) {
  const element = document.createElement('div');

  for (const { text, tone } of lines) {
    const part = element.appendChild(document.createElement('div'));
    part.textContent = text;
    part.className = tones[tone];
  }

  return element;
}
