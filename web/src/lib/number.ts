import { locale } from './locale';

/** What stands before the fraction in a language: a point or a comma. */
const separator = (language: string) =>
  new Intl.NumberFormat(language, { numberingSystem: 'latn' }).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ??
  '.';

/** A number as people enter it, with a point or as their language has it; NaN when it is none. */
export function readNumber(text: string, language = locale()) {
  const point = text.trim().replace(separator(language), '.');
  return /^-?\d+(\.\d*)?$|^-?\.\d+$/.test(point) ? Number(point) : NaN;
}

/** A number as it is entered, without thousands apart. */
export const writeNumber = (value: number, language = locale()) =>
  value.toLocaleString(language, { numberingSystem: 'latn', useGrouping: false, maximumFractionDigits: 12 });
