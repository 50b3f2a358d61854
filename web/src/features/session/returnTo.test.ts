import { expect, it } from 'vitest';
import { returnTo, signInPath } from './returnTo';

it('carries the page to come back to through the address', () => {
  const path = signInPath('/consumption/1?date=2026-11-20');

  expect(returnTo(new URL(path, 'http://localhost').searchParams.get('to'))).toBe('/consumption/1?date=2026-11-20');
});

it.each(['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)', '', null])(
  'never leads elsewhere: %s',
  (wanted) => {
    expect(returnTo(wanted)).toBe('/');
  },
);
