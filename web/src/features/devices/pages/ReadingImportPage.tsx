import { Link } from 'react-router';
import { Banner } from '@/components/ui/Banner';
import type { Column } from '@/components/ui/DataTable';
import { formatNumber } from '@/lib/intl';
import { readingImporter, type ImportedReading } from '../api/imports';
import { Import } from '../components/Import';

const column: Column<ImportedReading> = {
  header: 'Time in UTC',
  className: 'w-48 max-sm:w-28',
  cell: ({ timestamp }) => <span className="block wrap-anywhere">{timestamp?.replace('T', ' ').replace('Z', '') ?? '–'}</span>,
};

/** `/devices/import/readings`: readings of the past from a CSV file. */
export const Component = () => (
  <Import
    importer={readingImporter}
    title="Import readings"
    description="What meters measured in the past, from a CSV file, with the same checks as what they send."
    template="/api/monitoring/readings/import/template"
    rules="A line is a reading: the id of the device or its meter, the time with its offset from UTC, and the energy of the interval or the register in kWh. A CSV export of readings can be imported too."
    words={['reading', 'readings']}
    counts={[
      ['New', 'stored'],
      ['There already', 'duplicate'],
      ['In quarantine', 'quarantined'],
      ['With problems', 'failed'],
    ]}
    changing={['stored', 'quarantined']}
    column={column}
    note={unclear}
  />
);

function unclear(lines: readonly ImportedReading[]) {
  const count = lines.filter(({ result }) => result === 'quarantined').length;

  return (
    count > 0 && (
      <Banner tone="info">
        {count === 1 ? 'A register reading doesn’t continue' : `${formatNumber(count)} register readings don’t continue`} from the
        one before. They are stored as soon as later readings make clear what happened; until then they wait in{' '}
        <Link to="/system/quarantine?reason=register_unclear" className="font-semibold underline underline-offset-4">
          quarantine
        </Link>
        .
      </Banner>
    )
  );
}
