import { describe, expect, it } from 'vitest';
import { energy, moneyIn, niceScale } from './measure';

describe('niceScale', () => {
  it.each([
    [0, 1, 0.25],
    [0.83, 1, 0.25],
    [1.34, 1.5, 0.5],
    [2, 2, 0.5],
    [7.4, 8, 2],
    [0.098, 0.1, 0.025],
    [4000, 4000, 1000],
  ])('ends %d at %d in steps of %d', (highest, max, step) => {
    expect(niceScale(highest)).toEqual({ max, step });
  });
});

describe('an axis', () => {
  it('is in the unit of its highest tick, so that its labels stay short', () => {
    const { name, max, step, of } = energy.axis(0.42);

    expect({ name, max, step, at: of(0.1) }).toEqual({ name: 'Wh', max: 600, step: 200, at: 100 });
    expect(energy.axis(1200)).toMatchObject({ name: 'MWh', max: 1.5 });
  });

  it('of money has no unit without a currency', () => {
    const { name, max, of } = moneyIn().axis(3.2);

    expect({ name, max, at: of(3.2) }).toEqual({ name: '', max: 4, at: 3.2 });
  });
});

it('tells an amount as energy or as money', () => {
  expect(energy.parts(12.5)).toEqual({ value: '12.5', unit: 'kWh' });
  expect(moneyIn().parts(5)).toEqual({ value: '5.00', unit: '' });
});
