import { Secret } from '../lib/secret.ts';
import { pathKey } from '../xapi/path.ts';
import { type ContentDigests, contentOf } from './approved-content.ts';
import { type ApprovedSettings, CONTENT, isContent, settledAt } from './approved-settings.ts';
import { contentDigest } from './fingerprint.ts';
import type { DesiredContent, DesiredDevice, DesiredSetting } from './fleet.ts';

/** A device as it was approved. */
export interface ApprovedDevice {
  readonly desired: DesiredDevice;
  /** False where its content is not on record in full: it is left as it is. */
  readonly knowsContent: boolean;
}

export interface ApprovalSources {
  readonly now: number;
  readonly fingerprintKey: string;
  readonly digests: ContentDigests;
  /** Also what was another's before a rollout. */
  readonly givesBack: boolean;
  readonly read: (digest: string) => Promise<Uint8Array | null>;
}

/**
 * The device with exactly what was approved. A secret is not in the record: it
 * is taken from the file while its fingerprint is the approved one, and left
 * alone otherwise. Content comes from the file while that is the approved one,
 * else from the record.
 */
export async function approvedDevice(
  desired: DesiredDevice,
  approved: ApprovedSettings,
  sources: ApprovalSources,
): Promise<ApprovedDevice> {
  const settings = settledAt(approved, sources.now);
  const configuration = settingsOf(desired, settings, sources.fingerprintKey);
  const content = await approvedContentOf(desired, settings, sources);
  const { content: _, ...rest } = desired;
  return {
    desired: { ...rest, configuration, ...(content == null ? {} : { content }) },
    knowsContent: content !== null,
  };
}

function settingsOf(
  desired: DesiredDevice,
  settings: ApprovedSettings,
  key: string,
): Map<string, DesiredSetting> {
  const inFile = new Map([...desired.configuration.values()].map((one) => [pathKey(one.path), one]));
  const configuration = new Map<string, DesiredSetting>();
  for (const [path, wanted] of Object.entries(settings)) {
    if (isContent(wanted)) continue;
    const setting = inFile.get(pathKey(path));
    if ('value' in wanted) {
      configuration.set(path, { ...(setting ?? approvedOnly(path, desired)), value: wanted.value });
    } else if (setting !== undefined && 'fingerprint' in wanted) {
      const { value } = setting;
      if (value instanceof Secret && value.fingerprint(key) === wanted.fingerprint)
        configuration.set(path, setting);
    }
  }
  return configuration;
}

async function approvedContentOf(
  { content: inFile, place }: DesiredDevice,
  settings: ApprovedSettings,
  sources: ApprovalSources,
): Promise<DesiredContent | undefined | null> {
  const legacy = settings[CONTENT];
  if (legacy !== undefined) return isLegacyOf(inFile, legacy, sources.fingerprintKey) ? inFile : null;
  return contentOf(Object.values(settings).filter(isContent), { inFile, place, ...sources });
}

/** Whether one digest for all, as older records have it, is that of this content. */
export function isLegacyOf(content: DesiredContent | undefined, legacy: object, key: string): boolean {
  return content !== undefined && 'digest' in legacy && legacy.digest === contentDigest(content, key);
}

/** A setting that was approved and is no longer in the file stands until a new approval. */
function approvedOnly(path: string, device: DesiredDevice): DesiredSetting {
  return {
    path,
    value: '',
    origin: { layer: 'approved revision', place: device.place, shown: '' },
    overridden: [],
  };
}
