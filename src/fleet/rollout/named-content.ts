import type { Database } from '../../storage/database.ts';
import type { ApprovedSettings } from '../approved-settings.ts';
import type { Revision } from '../revision.ts';
import { actorOf } from './rollout.ts';
import { rolloutStore } from './store.ts';
import { RolloutWrites } from './writes.ts';

/**
 * The digests of all content that may still be put onto a device: what is
 * approved now, and what the last rollout gave or took. Older revisions keep
 * their digests, by which contents are told apart, and not the contents.
 */
export async function namedContent(
  database: Database,
  latest: Revision | null,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const name = (approved: ApprovedSettings | null): void => {
    for (const value of Object.values(approved ?? {})) if ('digest' in value) named.add(value.digest);
  };
  for (const approved of latest?.desired.values() ?? []) name(approved);
  const last = await rolloutStore({ database }).find();
  if (last === null) return named;
  for (const { before, after } of last.devices) {
    name(before);
    name(after);
  }
  const things = await new RolloutWrites({ database }).thingsBefore(
    actorOf(last.campaign),
    last.devices.map(({ id }) => id),
  );
  for (const { replaced } of things) if (replaced.digest !== null) named.add(replaced.digest);
  return named;
}
