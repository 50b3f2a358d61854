import { Badge, type Tone } from '@/components/ui/Badge';
import type { Saga } from '../api/sagas';

const states: Record<string, [tone: Tone, words: string]> = {
  running: ['calm', 'Running'],
  compensating: ['bad', 'Being undone'],
  completed: ['good', 'Completed'],
  rolled_back: ['bad', 'Rolled back'],
};

export const typeNames: Record<string, string> = { registration: 'Registration', update: 'Change', deletion: 'Deletion' };

export function SagaState({ saga }: { saga: Saga }) {
  const [tone, words] = states[saga.state] ?? ['calm', saga.state];
  return <Badge tone={tone}>{words}</Badge>;
}
