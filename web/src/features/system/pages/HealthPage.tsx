import { Activity, BookOpen } from 'lucide-react';
import { Badge } from '@/components/ui/Badge';
import { buttonStyle } from '@/components/ui/Button';
import { PageHeader } from '@/components/ui/PageHeader';
import { Section } from '@/components/ui/Section';
import { formatDuration } from '@/lib/time';
import { useDashboardAddress, useHealth } from '../api/health';
import { SigningKeys } from '../components/SigningKeys';

/** `/system`: whether every part answers, and the keys that all trust. */
export function Component() {
  const { services } = useHealth();
  const dashboard = useDashboardAddress();
  const away = services.filter((service) => service.away);

  return (
    <>
      <PageHeader
        title="Health"
        description={
          away.length === 0
            ? 'Each service is asked every ten seconds.'
            : `${away.map(({ name }) => name).join(', ')} ${away.length === 1 ? 'doesn’t' : 'don’t'} answer; what needs them waits.`
        }
        actions={
          <>
            {dashboard && (
              <a href={dashboard} className={buttonStyle()}>
                <Activity aria-hidden="true" className="size-4" />
                Logs and traces
              </a>
            )}
            <a href="/api/docs" className={buttonStyle()}>
              <BookOpen aria-hidden="true" className="size-4" />
              API documents
            </a>
          </>
        }
      />
      <Section title="Services">
        <ul className="divide-y divide-line">
          {services.map(({ name, what, took, away: isAway, waitsFor }) => (
            <li key={name} className="flex items-center gap-4 py-3">
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">{name}</span>
                <span className="block text-sm text-ink-soft">{what}</span>
                {!isAway &&
                  waitsFor?.map((reason) => (
                    <span key={reason} className="block text-sm break-words text-alert">
                      {reason}
                    </span>
                  ))}
              </span>
              {took !== undefined && !isAway && (
                <span className="text-sm text-ink-faint tabular-nums">{formatDuration(took)}</span>
              )}
              <Badge tone={isAway || waitsFor ? 'bad' : took === undefined ? 'calm' : 'good'}>
                {isAway ? 'Away' : waitsFor ? 'Waits' : took === undefined ? 'Asking' : 'Answers'}
              </Badge>
            </li>
          ))}
        </ul>
      </Section>
      <div className="mt-5">
        <SigningKeys />
      </div>
    </>
  );
}
