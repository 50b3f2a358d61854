import { expect, it } from 'vitest';
import { heatPump, office } from '@/testing/data';
import { namesakes } from './namesakes';

it('tells devices of the same name apart, and only those', () => {
  const twin = { ...heatPump, id: '33333333-0000-4000-8000-00000000abcd', name: 'heat pump ', description: '' };

  expect([...namesakes([heatPump, office, twin])]).toEqual([
    [heatPump.id, 'Utility room · …00000000'],
    [twin.id, '…0000abcd'],
  ]);
  expect(namesakes([heatPump, { ...twin, time_zone: 'UTC' }]).get(twin.id)).toBe('UTC · …0000abcd');
});
