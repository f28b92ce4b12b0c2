/** Systems that devices are pulled from; of what several tell, the word of an earlier one counts. */
export const SOURCES = ['cucm', 'webex'] as const;
export type SourceName = (typeof SOURCES)[number];

export const SOURCE_TITLES: Readonly<Record<SourceName, string>> = { cucm: 'Unified CM', webex: 'Webex' };

/** The file's `inventory:`: where devices are pulled from; null: not from there. */
export interface InventorySection {
  readonly cucm: CucmInventory | null;
  readonly webex: WebexInventory | null;
}

/** What pulling from one source comes to, whatever the source. */
export interface PullSection {
  readonly everyMs: number;
  /** Templates with `{{fact}}` in them. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly port: number;
  /** A device that the source no longer has leaves the fleet by itself after this; null: only when a person says so. */
  readonly removeAfterMs: number | null;
}

export interface CucmInventory extends PullSection {
  /** Patterns of which one has to fit, by what they are compared with; nothing given: everything fits. */
  readonly select: {
    readonly models: readonly string[];
    readonly names: readonly string[];
    readonly descriptions: readonly string[];
    readonly devicePools: readonly string[];
    readonly locations: readonly string[];
  };
}

export interface WebexInventory extends PullSection {
  readonly select: WebexSelect;
}

/** What Webex is asked for, by its own parameters; null: whatever. */
export interface WebexSelect {
  readonly type: string;
  readonly product: string | null;
  /** Every one of them. */
  readonly tags: readonly string[];
  readonly locationId: string | null;
  readonly workspaceId: string | null;
  readonly devicePlatform: string | null;
  readonly upgradeChannel: string | null;
  /** Of another organization, for administrators of partners. */
  readonly orgId: string | null;
}

export const NO_INVENTORY: InventorySection = { cucm: null, webex: null };

/** The sources that the file names. */
export function sourcesOf(section: InventorySection): readonly SourceName[] {
  return SOURCES.filter((source) => section[source] !== null);
}
