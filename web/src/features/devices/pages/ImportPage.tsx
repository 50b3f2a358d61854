import type { Column } from '@/components/ui/DataTable';
import { deviceImporter, type ImportedDevice } from '../api/imports';
import { Import } from '../components/Import';

const column: Column<ImportedDevice> = {
  header: 'External id',
  className: 'w-44 max-sm:w-28',
  cell: ({ external_id }) => <span className="block wrap-anywhere">{external_id ?? '–'}</span>,
};

/** `/devices/import`: many devices with their users from a CSV file. */
export const Component = () => (
  <Import
    importer={deviceImporter}
    title="Import devices"
    description="New devices, changes of devices, and who sees them, from a CSV file."
    template="/api/devices/import/template"
    rules="A device is found by its external id. An empty cell changes nothing, and nobody loses a device. At most 5,000 lines, in UTF-8."
    words={['device', 'devices']}
    counts={[
      ['New', 'created'],
      ['Changed', 'updated'],
      ['Unchanged', 'unchanged'],
      ['With problems', 'failed'],
    ]}
    changing={['created', 'updated']}
    column={column}
  />
);
