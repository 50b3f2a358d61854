import { afterEach, describe, expect, it } from 'vitest';
import { setCurrency } from './currency';
import {
  energyParts,
  energyUnit,
  formatApart,
  formatChange,
  formatEnergy,
  formatMoney,
  formatPower,
  formatPrice,
  formatShare,
  powerOf,
  sumEnergy,
} from './energy';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('formatEnergy', () => {
  it.each([
    [0, '0 kWh'],
    [0.0042, '4.2 Wh'],
    [0.42, '420 Wh'],
    [0.9994, '999 Wh'],
    [0.9995, '1 kWh'],
    [12.484, '12.48 kWh'],
    [123.456, '123.5 kWh'],
    [999.94, '999.9 kWh'],
    [999.95, '1 MWh'],
    [12_345, '12.35 MWh'],
  ])('writes %d kWh as %s', (kwh, text) => {
    expect(plain(formatEnergy(kwh, undefined, 'en-GB'))).toBe(text);
  });

  it('follows the locale', () => {
    expect(plain(formatEnergy(12.484, undefined, 'de-DE'))).toBe('12,48 kWh');
  });

  it('keeps a unit that is given', () => {
    expect(energyParts(0.5, 'kWh', 'en-GB')).toEqual({ value: '0.5', unit: 'kWh' });
  });

  it('never parts number and unit', () => {
    expect(formatEnergy(1)).toContain('\u00a0');
  });
});

it('chooses the unit by size, whatever the sign', () => {
  expect([0.5, -0.5, 5, 5000].map(energyUnit)).toEqual(['Wh', 'Wh', 'kWh', 'MWh']);
});

describe('formatShare', () => {
  it('never rounds up to everything', () => {
    expect(formatShare(0.9999, 'en-GB')).toBe('99%');
    expect(formatShare(1, 'en-GB')).toBe('100%');
  });

  it('is not put off by binary fractions', () => {
    expect(formatShare(0.29, 'en-GB')).toBe('29%');
  });
});

it('writes money with two decimals by the locale', () => {
  expect(formatMoney(1234.5, null, 'en-GB')).toBe('1,234.50');
  expect(formatMoney(1234.5, null, 'de-DE')).toBe('1.234,50');
});

describe('formatPower', () => {
  it.each([
    [0, '0 W'],
    [0.84, '840 W'],
    [0.9996, '1 kW'],
    [2.345, '2.35 kW'],
  ])('writes %d kW as %s', (kw, text) => {
    expect(plain(formatPower(kw, 'en-GB'))).toBe(text);
  });

  it('is the average over the interval', () => {
    expect(powerOf(0.05, 60)).toBe(3);
    expect(powerOf(0.5, 1800)).toBe(1);
  });
});

describe('formatChange', () => {
  it('has a sign, and none for no change', () => {
    expect(formatChange(1.12, 1, 'en-GB')).toBe('+12%');
    expect(formatChange(0.5, 1, 'en-GB')).toBe('-50%');
    expect(formatChange(1, 1, 'en-GB')).toBe('0%');
  });

  it('says nothing against nothing', () => {
    expect(formatChange(1, 0)).toBeNull();
  });
});

it('adds energies up exactly', () => {
  expect(sumEnergy(Array<number>(10).fill(0.1))).toBe(1);
  expect(sumEnergy([0.1, 0.2, -0.3])).toBe(0);
});

it('writes two energies that differ so that they differ', () => {
  const apart = (kwh: number, other: number) => formatApart(kwh, other, 'en').map((text) => text.replace('\u00a0', ' '));

  expect(apart(3.001, 3)).toEqual(['3.001 kWh', '3 kWh']);
  expect(apart(2.4, 2)).toEqual(['2.4 kWh', '2 kWh']);
  expect(apart(1.0004, 0.9)).toEqual(['1 kWh', '0.9 kWh']);
  expect(apart(3, 3)).toEqual(['3 kWh', '3 kWh']);
});

describe('money', () => {
  afterEach(() => setCurrency(undefined));

  it('has the installation’s currency where it is known', () => {
    expect(formatMoney(12.5, null, 'en')).toBe('12.50');
    setCurrency('EUR');
    expect(formatMoney(12.5, null, 'en')).toBe('€12.50');
    expect(formatPrice(0.3215, null, 'en')).toBe('€0.3215');
    setCurrency('JPY');
    expect(formatMoney(12.5, null, 'en')).toBe('¥13');
  });

  it('has none that is no code', () => {
    setCurrency('<b>');
    expect(formatMoney(1, null, 'en')).toBe('1.00');
  });
});
