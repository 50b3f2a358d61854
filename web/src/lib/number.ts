import { numberFormat } from './intl';
import { locale } from './locale';

/** What stands before the fraction in a language: a point or a comma. */
const separator = (language: string) =>
  numberFormat({ numberingSystem: 'latn' }, language)
    .formatToParts(0.5)
    .find(({ type }) => type === 'decimal')?.value ?? '.';

/**
 * A number as people enter it, with a point or a comma before the fraction, whichever their language has; NaN when it is none,
 * or when the other language's mark could also part thousands: `1,000` in English is not guessed at.
 */
export function readNumber(text: string, language = locale()) {
  const entered = text.trim();
  const own = separator(language);
  const other = own === ',' ? '.' : ',';
  if (entered.includes(other) && /^-?[1-9]\d{0,2}([.,]\d{3})+$/.test(entered)) return NaN;

  const point = entered.replace(entered.includes(own) ? own : other, '.');
  return /^-?\d+(\.\d*)?$|^-?\.\d+$/.test(point) ? Number(point) : NaN;
}

/** A number as it is entered, without thousands apart. */
export const writeNumber = (value: number, language = locale()) =>
  numberFormat({ numberingSystem: 'latn', useGrouping: false, maximumFractionDigits: 12 }, language).format(value);
