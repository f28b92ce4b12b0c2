import type { SourceName } from '../../fleet/inventory/inventory-section.ts';
import type { PullStanding } from '../../fleet/inventory/inventory-store.ts';
import type { PulledDevice, TakenIn } from '../../fleet/inventory/pulled.ts';
import type { AbortOptions } from '../../lib/abort.ts';

/** What the verbs need of the systems that devices are pulled from. */
export interface InventoryPorts {
  /** That the file pulls from. */
  sources(): readonly SourceName[];
  standing(source: SourceName): Promise<PullStanding>;
  /** On record, also those that the source no longer has. */
  devices(): Promise<readonly PulledDevice[]>;
  /** What a pull would change; null where the file pulls from nowhere. Throws what the source throws. */
  look(source: SourceName, options: AbortOptions): Promise<TakenIn | null>;
  /** Pulls and keeps it; the same otherwise. */
  pull(source: SourceName, options: AbortOptions): Promise<TakenIn | null>;
  /** Takes one that is gone off the record; a text says why not. */
  forget(source: SourceName, key: string): Promise<string | null>;
}
