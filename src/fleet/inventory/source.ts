import type { AbortOptions } from '../../lib/abort.ts';
import type { FoundDevice } from './pulled.ts';

/** A system that knows devices of the fleet. */
export interface InventorySource {
  /** As the file and records have it: `cucm`. */
  readonly name: string;
  /** As people say it: `Unified CM`. */
  readonly title: string;
  /**
   * Everything that it knows and that is selected. It rejects where any part
   * could not be read: what is missing from a whole answer counts as gone.
   */
  pull(options: AbortOptions): Promise<readonly FoundDevice[]>;
}
