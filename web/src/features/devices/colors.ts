const count = 8;

/**
 * Gives every device one of the eight device colours (the CSS variables `--device-1` to `--device-8`). The same
 * devices have the same colours at every visit; two share one only when there are more devices than colours.
 */
export function deviceColors(ids: readonly string[]): ReadonlyMap<string, string> {
  const colors = new Map<string, string>();
  const taken = new Set<number>();

  for (const id of [...ids].sort()) {
    let color = hash(id) % count;

    if (taken.size === count) taken.clear();
    while (taken.has(color)) color = (color + 1) % count;

    taken.add(color);
    colors.set(id, `--device-${color + 1}`);
  }

  return colors;
}

function hash(text: string) {
  let value = 0;
  for (const letter of text) value = (value * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
