import type { AbortOptions } from '../../lib/abort.ts';
import type { SourceName } from './inventory-section.ts';
import type { FoundDevice } from './pulled.ts';

/** A system that knows devices of the fleet. */
export interface InventorySource {
  readonly name: SourceName;
  /**
   * Everything that it knows and that is selected. It rejects where any part
   * could not be read: what is missing from a whole answer counts as gone.
   */
  pull(options: AbortOptions): Promise<readonly FoundDevice[]>;
}

/** An address that was given up long ago may be a stranger's by now, who must not be shown a password. */
const ADDRESS_LIFE_MS = 7 * 86_400_000;

/** Whether an address of a device that was last seen then is still believed; null: nobody knows. */
export function isFreshAddress(lastSeenAt: number | null, now: number): boolean {
  return lastSeenAt !== null && now - lastSeenAt <= ADDRESS_LIFE_MS;
}
