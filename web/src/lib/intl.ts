import { locale } from './locale';

/**
 * Keeps what is made for a language and options: making a formatter takes a hundred times as long as using it. This is
 * the only place that makes any; the linter holds that.
 */
function kept<Options extends object, Made>(make: (language: string, options: Options) => Made) {
  const made = new Map<string, Made>();

  return (options: Options, language = locale()): Made => {
    const key = `${language} ${JSON.stringify(options)}`;
    const known = made.get(key);
    if (known !== undefined) return known;

    const fresh = make(language, options);
    made.set(key, fresh);
    return fresh;
  };
}

/** Without a `timeZone` it writes by the viewer's own clock. */
export const dateFormat = kept((language, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options));

export const numberFormat = kept((language, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options));

export const relativeFormat = kept(
  (language, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(language, options),
);

const collator = kept((language, options: Intl.CollatorOptions) => new Intl.Collator(language, options));

/** A number as the viewer's language writes it, with at most three digits after the point. */
export const formatNumber = (value: number, language = locale()) => numberFormat({}, language).format(value);

/** The order of names for people: `Meter 2` before `Meter 10`. */
export const compareNames = (a: string, b: string) => collator({ numeric: true }).compare(a, b);

/** The zone that the viewer's own clock follows. */
export const viewerZone = () => dateFormat({}).resolvedOptions().timeZone;
