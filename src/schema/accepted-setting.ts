import type { PatternSegment, SettingSpec, ValueSpace } from './product-schema.ts';

/** What is known of one setting of a product, whoever said it; null where that source does not say. */
export interface AcceptedSetting {
  readonly path: readonly PatternSegment[];
  readonly space: ValueSpace | null;
  /** The device answers the value masked. */
  readonly hidden: boolean;
  readonly defaults: SettingSpec['defaults'] | null;
  /** Roles of which one suffices to write it. */
  readonly roles: readonly string[] | null;
}

export function acceptedSetting({ path, valueSpace, defaults, roles, hidden }: SettingSpec): AcceptedSetting {
  return { path, space: valueSpace, hidden, defaults, roles };
}
