import { KeyRound, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/Button';
import { ConfirmDialog } from '@/components/ui/Dialog';
import { Section } from '@/components/ui/Section';
import { toast } from '@/components/ui/toast';
import { problemText } from '@/lib/formProblem';
import { formatMoment } from '@/lib/time';
import { useRotateKeys } from '../api/keys';

/** The keys that everybody's sign-in is signed with: new ones, unnoticed, or at once because somebody may have the old ones. */
export function SigningKeys() {
  const rotate = useRotateKeys();
  const [asked, setAsked] = useState(false);

  const go = (retireOld: boolean) =>
    rotate.mutate(retireOld, {
      // Where the old ones are gone, the session is too, and the door says so.
      onSuccess: ({ signs_from }) =>
        retireOld || toast(`New keys are published, and sign from ${formatMoment(new Date(signs_from))}.`),
      onError: (error) => toast(problemText(error), { tone: 'alert' }),
      onSettled: () => setAsked(false),
    });

  return (
    <Section
      title="Signing keys"
      description="Sign-ins are signed with keys that change by themselves, and nobody notices. A rotation begins that now."
    >
      <div className="flex flex-wrap gap-2">
        <Button busy={rotate.isPending && !rotate.variables} disabled={rotate.isPending} onClick={() => go(false)}>
          <KeyRound aria-hidden="true" className="size-4" />
          Rotate keys
        </Button>
        <Button className="text-alert!" disabled={rotate.isPending} onClick={() => setAsked(true)}>
          <ShieldAlert aria-hidden="true" className="size-4" />
          Retire leaked keys
        </Button>
      </div>

      <ConfirmDialog
        open={asked}
        title="Retire the keys at once?"
        confirm="Retire keys"
        danger
        busy={rotate.isPending}
        onCancel={() => setAsked(false)}
        onConfirm={() => go(true)}
      >
        <p>
          Do this when somebody may have the keys. Every sign-in from before becomes worthless within two minutes: everybody, you
          too, has to sign in again. Services get new tokens by themselves, and no reading is lost.
        </p>
      </ConfirmDialog>
    </Section>
  );
}
