/** The file's `inventory:`: where devices are pulled from; null: not from there. */
export interface InventorySection {
  readonly cucm: CucmInventory | null;
}

/** What pulling from one source comes to, whatever the source. */
export interface PullSection {
  readonly everyMs: number;
  /** Patterns of which one has to fit, by what they are compared with; nothing given: everything fits. */
  readonly select: {
    readonly models: readonly string[];
    readonly names: readonly string[];
    readonly descriptions: readonly string[];
    readonly devicePools: readonly string[];
    readonly locations: readonly string[];
  };
  /** Templates with `{{fact}}` in them. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly port: number;
  /** A device that the source no longer has leaves the fleet by itself after this; null: only when a person says so. */
  readonly removeAfterMs: number | null;
}

export type CucmInventory = PullSection;
