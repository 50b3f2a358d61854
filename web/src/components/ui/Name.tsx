import { clsx } from 'clsx';
import { plainName } from '@/lib/name';

interface Props {
  children: string;
  className?: string;
  /** On one line; the pointer shows what doesn't fit. */
  truncate?: boolean;
  /** On three lines at most, as a title. */
  clamp?: boolean;
}

/** What a person or a device is called, however long it is and whichever way it is written. */
export function Name({ children, className, truncate = false, clamp = false }: Props) {
  const name = plainName(children);

  return (
    <bdi
      className={clsx(truncate && 'block truncate', clamp && 'line-clamp-3', className)}
      title={truncate || clamp ? name : undefined}
    >
      {name}
    </bdi>
  );
}
