import { expect, it } from 'vitest';
import { readNumber, writeNumber } from './number';

it.each([
  ['0.32', 'en', 0.32],
  ['0.32', 'de', 0.32],
  ['0,32', 'de', 0.32],
  [' 3 ', 'en', 3],
  ['-1.5', 'en', -1.5],
  ['.5', 'en', 0.5],
  ['0,32', 'en', 0.32],
  ['2,5', 'en-GB', 2.5],
  ['0,125', 'en', 0.125],
  ['1,000', 'en', NaN],
  ['1.000', 'de', NaN],
  ['1,000.5', 'en', NaN],
  ['1.000,5', 'de', NaN],
  ['', 'en', NaN],
  ['1e3', 'en', NaN],
  ['three', 'en', NaN],
])('reads %j in %s as %d', (text, language, value) => {
  expect(readNumber(text, language)).toBe(value);
});

it.each([0.32, 1234.5, 1e6, 0.0001])('reads what it has written of %d', (value) => {
  for (const language of ['en', 'de', 'fr', 'ar-EG']) expect(readNumber(writeNumber(value, language), language)).toBe(value);
});
