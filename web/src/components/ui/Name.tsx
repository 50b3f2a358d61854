import { clsx } from 'clsx';
import { plainName } from '@/lib/name';

interface Props {
  children: string;
  className?: string;
  /** On one line; the pointer shows what doesn't fit. */
  truncate?: boolean;
}

/** What a person or a device is called, however long it is and whichever way it is written. */
export function Name({ children, className, truncate = false }: Props) {
  const name = plainName(children);

  return (
    <bdi className={clsx(truncate && 'block truncate', className)} title={truncate ? name : undefined}>
      {name}
    </bdi>
  );
}
