import { expect, it } from 'vitest';
import { deviceColors } from './colors';

const ids = ['c', 'a', 'b', 'd', 'e', 'f', 'g', 'h'];

it('gives eight devices eight colours', () => {
  expect(new Set(deviceColors(ids).values()).size).toBe(8);
});

it('does not depend on the order of the list', () => {
  expect(deviceColors(ids.toReversed())).toEqual(deviceColors(ids));
});

it('starts over when there are more devices than colours', () => {
  expect(deviceColors([...ids, 'i', 'j']).size).toBe(10);
});
