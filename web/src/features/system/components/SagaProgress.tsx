import { useRunningSaga } from '../api/sagas';
import { SagaSteps } from './SagaSteps';

interface Props {
  about: { subject: string } | { username: string };
  /** While the call that started it hasn't answered. */
  active: boolean;
}

/** The steps of a change while it runs. A quick one is over before there is anything to show. */
export function SagaProgress({ about, active }: Props) {
  const saga = useRunningSaga(about, active);
  if (!active || !saga) return null;

  return (
    <div role="status" className="rounded-xl bg-sunken p-4">
      <p className="mb-3 text-sm font-semibold">
        {saga.state === 'compensating' ? 'Everything is being undone' : 'Telling the services'}
      </p>
      <SagaSteps saga={saga} />
    </div>
  );
}
