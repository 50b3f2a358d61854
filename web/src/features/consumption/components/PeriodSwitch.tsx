import { Segments } from '@/components/ui/Segments';
import type { Span } from '../lib/period';

const choices = [
  { value: 'day', label: 'Day' },
  { value: 'month', label: 'Month' },
  { value: 'year', label: 'Year' },
] as const;

/** How long what is shown is; none is pressed while so many days up to one are. */
export const PeriodSwitch = ({ span, onChange }: { span: Span; onChange: (span: Span) => void }) => (
  <Segments<Span> label="Length" value={span} options={choices} onChange={onChange} />
);
