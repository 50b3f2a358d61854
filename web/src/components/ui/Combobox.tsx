import { clsx } from 'clsx';
import { ChevronsUpDown } from 'lucide-react';
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Field } from './Field';
import { entryStyle } from './fields';

interface Props {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
  onBlur?: () => void;
}

/** More than these are no help; typing narrows them. */
const most = 60;

/** An entry with a list of what it may be, which typing narrows. Arrows move, Enter takes, Escape closes. */
export function Combobox({ label, hint, error, value, options, onChange, onBlur }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const listId = useId();

  const open = typed !== null;
  const wanted = (typed ?? '').trim().toLowerCase().replaceAll(' ', '_');
  const matches = options.filter((option) => option.toLowerCase().includes(wanted)).slice(0, most);

  function choose(option: string | undefined) {
    if (option !== undefined) onChange(option);
    setTyped(null);
  }

  function move(to: number) {
    const next = Math.max(0, Math.min(matches.length - 1, to));
    setActive(next);
    list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  }

  function press(event: KeyboardEvent) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (open) move(active + (event.key === 'ArrowDown' ? 1 : -1));
      else setTyped('');
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      choose(matches[active]);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
    }
  }

  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <div className="relative">
          <input
            {...wiring}
            role="combobox"
            aria-expanded={open}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={open && matches[active] ? `${listId}-${active}` : undefined}
            autoComplete="off"
            spellCheck={false}
            value={typed ?? value}
            onFocus={(event) => event.target.select()}
            onClick={() => setTyped((before) => before ?? '')}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onKeyDown={press}
            onBlur={() => {
              setTyped(null);
              onBlur?.();
            }}
            placeholder={value}
            className={entryStyle(error !== undefined, 'h-12 pr-10 placeholder:text-ink-faint')}
          />
          <ChevronsUpDown
            aria-hidden="true"
            className="pointer-events-none absolute top-1/2 right-3.5 size-4 -translate-y-1/2 text-ink-faint"
          />
          <ul
            ref={list}
            id={listId}
            role="listbox"
            aria-label={label}
            hidden={!open}
            className="card absolute inset-x-0 top-full z-20 mt-1 max-h-64 overflow-y-auto p-1.5"
          >
            {matches.map((option, index) => (
              <li
                key={option}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={option === value}
                // Before the entry loses the focus, which closes the list.
                onPointerDown={(event) => {
                  event.preventDefault();
                  choose(option);
                }}
                onPointerMove={() => setActive(index)}
                className={clsx(
                  'cursor-pointer rounded-lg px-3 py-2 text-sm',
                  index === active && 'bg-sunken',
                  option === value && 'font-semibold text-accent',
                )}
              >
                {option}
              </li>
            ))}
            {open && matches.length === 0 && (
              <li role="option" aria-selected="false" aria-disabled="true" className="px-3 py-2 text-sm text-ink-soft">
                Nothing is called that.
              </li>
            )}
          </ul>
        </div>
      )}
    </Field>
  );
}
