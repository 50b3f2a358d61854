import { clsx } from 'clsx';
import { Circle, CircleCheck, LoaderCircle, TriangleAlert, Undo2 } from 'lucide-react';
import { formatDuration } from '@/lib/time';
import { isRunning, type Saga, type SagaStep } from '../api/sagas';

/** What the steps do, in the words of those who wait for them. */
const doing: Record<string, string> = {
  login: 'Login',
  profile: 'Profile',
  device_copy: 'Replica for device access',
  activation: 'Activation',
  sign_in: 'Sign-in stopped',
  mappings: 'Device assignments removed',
};

/** Where each step of a saga stands. Not by colour alone. */
export function SagaSteps({ saga, detailed = false }: { saga: Saga; detailed?: boolean }) {
  const current = isRunning(saga) ? currentStep(saga) : undefined;

  return (
    <ol className="grid gap-1.5 text-sm" aria-label="Steps">
      {saga.steps.map((step, index) => {
        const { icon: Icon, words, tone } = look(step, step === current);

        return (
          <li key={`${index}-${step.name}`} className="flex gap-3">
            <Icon
              aria-hidden="true"
              className={clsx('mt-0.5 size-4 shrink-0', tone, step === current && Icon === LoaderCircle && 'animate-spin')}
            />
            <div className="min-w-0">
              <span className="font-medium">{doing[step.name] ?? step.name}</span> <span className="text-ink-faint">{words}</span>
              {detailed && <Details step={step} />}
              {step.error && <p className="break-words text-alert">{step.error}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Details({ step }: { step: SagaStep }) {
  const tries = [
    step.attempts > 1 && `${step.attempts} tries`,
    step.undo_attempts > 1 && `${step.undo_attempts} tries to undo`,
    step.started_at && step.ended_at && formatDuration(Date.parse(step.ended_at) - Date.parse(step.started_at)),
  ].filter(Boolean);

  return tries.length > 0 && <p className="text-ink-soft">{tries.join(' · ')}</p>;
}

/** The first that isn't done; while everything is undone the last that isn't undone. */
const currentStep = ({ state, steps }: Saga) =>
  state === 'running' ? steps.find((step) => step.state === 'pending') : steps.findLast((step) => step.state === 'done');

function look(step: SagaStep, current: boolean) {
  if (step.state === 'undone') return { icon: Undo2, words: 'undone', tone: 'text-ink-soft' };
  if (current && step.state === 'done') return { icon: LoaderCircle, words: 'being undone', tone: 'text-alert' };
  if (step.state === 'done') return { icon: CircleCheck, words: 'done', tone: 'text-accent' };
  if (current && step.error) return { icon: LoaderCircle, words: 'trying again', tone: 'text-alert' };
  if (current) return { icon: LoaderCircle, words: 'under way', tone: 'text-accent' };
  if (step.error) return { icon: TriangleAlert, words: 'failed', tone: 'text-alert' };
  return { icon: Circle, words: 'not begun', tone: 'text-ink-faint' };
}
