import { Secret } from '../lib/secret.ts';
import { contentDigest } from './fingerprint.ts';
import type { DesiredDevice, DesiredSetting } from './fleet.ts';

/** Path → value; secrets as keyed fingerprints. What is kept besides settings stands under `CONTENT` as one digest. */
export type ApprovedSettings = Readonly<Record<string, ApprovedValue>>;
export type ApprovedValue = ApprovedText & {
  /** Present while it was an override that was approved: from `until` on, `returnsTo` is what was approved. */
  readonly until?: number;
  readonly returnsTo?: ApprovedValue;
};

type ApprovedText =
  | { readonly value: string }
  | { readonly fingerprint: string }
  | { readonly digest: string };

/** No setting is called so: paths hold no brackets but those of indices. */
export const CONTENT = '(content)';

/** What an approval of the device puts on record, in the order of paths. */
export function approvedOf(device: DesiredDevice, key: string): ApprovedSettings {
  const settings = [...device.configuration.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = settings.map((setting) => [setting.path, approvedValue(setting, key)] as const);
  const { content } = device;
  return Object.fromEntries(
    content === undefined ? entries : [[CONTENT, { digest: contentDigest(content, key) }], ...entries],
  );
}

function approvedValue({ value, temporary }: DesiredSetting, key: string): ApprovedValue {
  const text = value instanceof Secret ? { fingerprint: value.fingerprint(key) } : { value };
  if (temporary === undefined) return text;
  const { until, returnsTo } = temporary;
  return { ...text, until, returnsTo: approvedValue(returnsTo, key) };
}

/** The record as it holds at a time: overrides that are over have given way to what they return to. */
export function settledAt(approved: ApprovedSettings, now: number): ApprovedSettings {
  return Object.fromEntries(Object.entries(approved).map(([path, value]) => [path, settle(value, now)]));
}

function settle(value: ApprovedValue, now: number): ApprovedValue {
  if (value.until === undefined || value.until > now || value.returnsTo === undefined) return value;
  return settle(value.returnsTo, now);
}
