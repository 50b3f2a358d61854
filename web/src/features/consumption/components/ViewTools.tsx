import { Check, Download, GitCompareArrows } from 'lucide-react';
import { Button, IconButton } from '@/components/ui/Button';
import { Menu, MenuContent, MenuRadioGroup, MenuRadioItem, MenuTrigger } from '@/components/ui/Menu';
import { Segments } from '@/components/ui/Segments';
import { hasCost, type Device } from '@/features/devices/api/devices';
import { comparisonName, comparisonsOf, isComparison } from '../lib/period';
import { hasReadings, type View, type Wish } from '../lib/useView';

interface Props {
  device: Device;
  view: View;
  onChange: (wish: Wish) => void;
  /** Absent where there is nothing to export. */
  onExport: (() => void) | undefined;
}

/** How the period is shown: sums or readings, beside what, in which measure; and as a file. */
export function ViewTools({ device, view, onChange, onExport }: Props) {
  const { period, comparison, money, readings } = view;

  return (
    <div className="flex flex-wrap items-center gap-2">
      {hasReadings(period) && (
        <Segments
          label="Show"
          value={readings ? 'readings' : 'sums'}
          options={[
            { value: 'sums', label: period.granularity === 'hour' ? 'Hours' : 'Days' },
            { value: 'readings', label: 'Readings' },
          ]}
          onChange={(value) => onChange({ readings: value === 'readings' })}
        />
      )}
      {hasCost(device) && !readings && (
        <Segments
          label="Measure"
          value={money ? 'money' : 'energy'}
          options={[
            { value: 'energy', label: 'kWh' },
            { value: 'money', label: device.direction === 'production' ? 'Earned' : 'Cost' },
          ]}
          onChange={(value) => onChange({ money: value === 'money' })}
        />
      )}
      {!readings && (
        <Menu>
          <MenuTrigger asChild>
            <Button tone={comparison ? 'plain' : 'quiet'} className="px-3!">
              <GitCompareArrows aria-hidden="true" className="size-4" />
              {comparison ? <span className="first-letter:uppercase">{comparisonName(period, comparison)}</span> : 'Compare'}
              {comparison && <span className="sr-only">, change the comparison</span>}
            </Button>
          </MenuTrigger>
          <MenuContent>
            <MenuRadioGroup
              value={comparison ?? 'none'}
              onValueChange={(value) => onChange({ comparison: isComparison(value) ? value : null })}
            >
              {['none' as const, ...comparisonsOf(period)].map((choice) => (
                <MenuRadioItem key={choice} value={choice}>
                  <span className="grow first-letter:uppercase">
                    {choice === 'none' ? 'No comparison' : `With ${comparisonName(period, choice)}`}
                  </span>
                  {choice === (comparison ?? 'none') && <Check aria-hidden="true" className="size-4" />}
                </MenuRadioItem>
              ))}
            </MenuRadioGroup>
          </MenuContent>
        </Menu>
      )}
      <IconButton label="Export as CSV" disabled={!onExport} onClick={onExport}>
        <Download aria-hidden="true" className="size-5" />
      </IconButton>
    </div>
  );
}
