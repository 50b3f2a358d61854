import { plainName } from '@/lib/name';

interface Named {
  id: string;
  name: string;
  description?: string;
  time_zone?: string;
}

/** The end of an id: the beginnings of those that are made in the same minute are alike. */
export const shortId = (id: string) => `…${id.slice(-8)}`;

/** What tells those of the same name apart, by id; there is nothing for whose name is theirs alone. */
export function namesakes(devices: readonly Named[]): ReadonlyMap<string, string> {
  const byName = new Map<string, Named[]>();

  for (const device of devices) {
    const name = plainName(device.name).trim().toLocaleLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), device]);
  }

  return new Map(
    [...byName.values()]
      .filter((same) => same.length > 1)
      .flatMap((same) => {
        const zones = new Set(same.map(({ time_zone: zone }) => zone)).size;
        return same.map(({ id, description, time_zone: zone }) => [
          id,
          [description && plainName(description), zones > 1 && zone, shortId(id)].filter(Boolean).join(' · '),
        ]);
      }),
  );
}
