import { Secret } from '../lib/secret.ts';
import { type ApprovedContent, approvedContent, ContentDigests } from './approved-content.ts';
import type { DesiredDevice, DesiredSetting } from './fleet.ts';

/** Path → value; secrets as keyed fingerprints, and things besides settings by what they are, their own name and their digest. */
export type ApprovedSettings = Readonly<Record<string, ApprovedValue>>;
export type ApprovedValue =
  | (ApprovedText & {
      /** Present while it was an override that was approved: from `until` on, `returnsTo` is what was approved. */
      readonly until?: number;
      readonly returnsTo?: ApprovedValue;
    })
  | ApprovedContent
  | LegacyContent;

type ApprovedText = { readonly value: string } | { readonly fingerprint: string };

/** All of a device's content as one digest: how databases from before schema 6 have it, under `CONTENT`. */
export interface LegacyContent {
  readonly digest: string;
}

/** No setting is called so: paths hold no brackets but those of indices. */
export const CONTENT = '(content)';

export interface ApprovalKeys {
  /** Of fingerprints. */
  readonly key: string;
  readonly digests?: ContentDigests;
}

/** What an approval of the device puts on record, in the order of paths. */
export function approvedOf(
  device: DesiredDevice,
  { key, digests = new ContentDigests() }: ApprovalKeys,
): ApprovedSettings {
  const settings = [...device.configuration.values()].map(
    (setting) => [setting.path, approvedValue(setting, key)] as const,
  );
  return inPathOrder([...settings, ...approvedContent(device.content, { key, digests })]);
}

export function inPathOrder(entries: readonly (readonly [string, ApprovedValue])[]): ApprovedSettings {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}

export function isContent(approved: ApprovedValue): approved is ApprovedContent {
  return 'kind' in approved || 'prune' in approved || 'software' in approved;
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
  if (!('until' in value) || value.until === undefined) return value;
  if (value.until > now || value.returnsTo === undefined) return value;
  return settle(value.returnsTo, now);
}
