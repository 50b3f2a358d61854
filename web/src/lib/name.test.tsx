import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Name } from '@/components/ui/Name';
import { nameInText, plainName } from './name';

it('shows what can’t be seen in a name, and leaves what scripts and emoji are written with', () => {
  expect(plainName('\u202epmup taeH')).toBe('\ufffdpmup taeH');
  expect(plainName('Heat\u200bpump')).toBe('Heat\ufffdpump');
  expect(plainName('Heat\npump')).toBe('Heat\ufffdpump');
  expect(plainName('👩\u200d🔧 می\u200cخواهم')).toBe('👩\u200d🔧 می\u200cخواهم');
});

it('keeps the direction of a name to itself', () => {
  expect(nameInText('Heat pump')).toBe('Heat pump');
  expect(nameInText('משאבת חום')).toBe('\u2068משאבת חום\u2069');

  render(<Name truncate>{'\u202eHeat pump'}</Name>);
  expect(screen.getByText('\ufffdHeat pump').tagName).toBe('BDI');
  expect(screen.getByTitle('\ufffdHeat pump')).toBeVisible();
});
