import type { AbortOptions } from '../../lib/abort.ts';
import { Secret } from '../../lib/secret.ts';
import { didYouMean } from '../../lib/suggest.ts';
import type {
  ConfigurationDocument,
  Device,
  DeviceIdentity,
  DeviceValueSpace,
  HeldSetting,
  SettingAnswer,
} from '../../xapi/device.ts';
import { type PathText, pathKey } from '../../xapi/path.ts';
import type { Change } from '../change.ts';
import type { DesiredDevice, DesiredSetting } from '../fleet.ts';
import { harmlessReason } from '../harmless.ts';
import { KeptConfiguration } from '../kept-configuration.ts';
import type { Resource, ResourceDiff, ResourceProblem } from '../resource.ts';
import { normalizeValue, refusalOf } from '../value-check.ts';
import type { ValueSpaceCache } from '../value-space-cache.ts';

export interface ObservedConfiguration {
  readonly document: ConfigurationDocument;
  readonly spaces: ReadonlyMap<string, DeviceValueSpace>;
  /** Path key → keyed fingerprint of the hidden value that the device last accepted from roomd. */
  readonly proven: ReadonlyMap<string, string>;
}

/** What is on record of values that a device takes and never shows again. */
export interface HiddenProofs {
  fingerprint(value: Secret): string;
  load(deviceId: number): Promise<ReadonlyMap<string, string>>;
}

/** Learns what a product accepts from what its devices show; see `knowledge/store.ts`. */
export interface ProductTeacher {
  learn(
    identity: DeviceIdentity,
    document: ConfigurationDocument,
    spaces: ReadonlyMap<string, DeviceValueSpace>,
  ): Promise<unknown>;
}

const MASKED = /^\*+$/;
const SHOWN_SECRET = '[secret]';

/** xConfiguration, as far as the file names it: settings that the file does not name are never touched. */
export class ConfigurationResource implements Resource<ObservedConfiguration> {
  readonly kind = 'configuration';
  readonly #spaces: ValueSpaceCache;
  readonly #proofs: HiddenProofs;
  readonly #knowledge: ProductTeacher | null;

  constructor({
    spaces,
    proofs,
    knowledge = null,
  }: {
    spaces: ValueSpaceCache;
    proofs: HiddenProofs;
    knowledge?: ProductTeacher | null;
  }) {
    this.#spaces = spaces;
    this.#proofs = proofs;
    this.#knowledge = knowledge;
  }

  async observe(
    device: Device,
    desired: DesiredDevice,
    identity: DeviceIdentity,
    options: AbortOptions,
  ): Promise<ObservedConfiguration> {
    const document = await device.readConfiguration(options);
    const spaces = await this.#spaces.of(device, identity, options);
    // What is kept of a reading taught all it can when that was made.
    if (!(document instanceof KeptConfiguration)) await this.#knowledge?.learn(identity, document, spaces);
    const proven = asksForProof(desired, document, spaces)
      ? await this.#proofs.load(device.address.id)
      : new Map<string, string>();
    return { document, spaces, proven };
  }

  diff(desired: DesiredDevice, observed: ObservedConfiguration): ResourceDiff {
    const changes: Change[] = [];
    const problems: ResourceProblem[] = [];
    let untouched = 0;
    for (const setting of desired.configuration.values()) {
      const held = observed.document.find(setting.path);
      if (held === null) {
        problems.push({
          path: setting.path,
          message: absence(setting.path, observed.document.paths),
        });
        continue;
      }
      const verdict = this.#compare(setting, held, observed);
      if (verdict === 'same') untouched += 1;
      else if ('message' in verdict) problems.push(verdict);
      else changes.push(verdict);
    }
    // Settings that share a branch stand together in the document; a device that answers in its order then answers in ours.
    changes.sort((one, other) => (pathKey(one.path) < pathKey(other.path) ? -1 : 1));
    return { changes, untouched, problems, hints: hintsFor(desired, observed.document) };
  }

  async apply(device: Device, changes: readonly Change[], options: AbortOptions): Promise<SettingAnswer[]> {
    return device.writeConfiguration(
      changes.map(({ path, wanted }) => ({
        path,
        value: wanted instanceof Secret ? wanted.reveal() : wanted,
      })),
      options,
    );
  }

  #compare(
    setting: DesiredSetting,
    { path, value: held, valueSpaceRef }: HeldSetting,
    observed: ObservedConfiguration,
  ): 'same' | Change | ResourceProblem {
    const space = observed.spaces.get(valueSpaceRef ?? '') ?? null;
    const wanted = setting.value instanceof Secret ? setting.value.reveal() : setting.value;
    const isUnreadable = isHidden(held, space, setting.value);
    const isSame = isUnreadable
      ? observed.proven.get(pathKey(path)) === this.#proofs.fingerprint(new Secret(wanted))
      : normalizeValue(held, space) === normalizeValue(wanted, space);
    // What the device holds it takes, whatever its value space says: vendors' defaults lie outside some.
    if (isSame) return 'same';
    const secret = isUnreadable || setting.value instanceof Secret;
    const refusal = refusalOf(wanted, space, secret);
    if (refusal !== null) return { path, message: refusal };
    return {
      kind: this.kind,
      path,
      from: secret ? SHOWN_SECRET : held,
      to: secret ? SHOWN_SECRET : wanted,
      wanted: secret ? new Secret(wanted) : wanted,
      unreadable: isUnreadable,
      noticeable: harmlessReason(path) === null,
    };
  }
}

/** Masked by its look or by its value space; an empty answer to a secret counts as masked too. */
function isHidden(held: string, space: DeviceValueSpace | null, wanted: string | Secret): boolean {
  return MASKED.test(held) || space?.hidden === true || (held === '' && wanted instanceof Secret);
}

/** Whether the file names anything that the device does not show, so that what is on record must speak for it. */
function asksForProof(
  { configuration }: DesiredDevice,
  document: ConfigurationDocument,
  spaces: ReadonlyMap<string, DeviceValueSpace>,
): boolean {
  for (const { path, value } of configuration.values()) {
    const held = document.find(path);
    if (held !== null && isHidden(held.value, spaces.get(held.valueSpaceRef ?? '') ?? null, value))
      return true;
  }
  return false;
}

function absence(path: PathText, known: readonly PathText[]): string {
  return `the device has no such setting.${didYouMean(path, known)}`;
}

/** Lines that the file lacks and that would help; roomd never writes them by itself. */
function hintsFor(desired: DesiredDevice, document: ConfigurationDocument): string[] {
  const hints: string[] = [];
  for (const { path, helpful, hint } of HELPFUL) {
    const present = document.find(path);
    if (present !== null && present.value !== helpful && !isNamed(desired, path))
      hints.push(`${hint}; the line "${path}: ${helpful}" would change that`);
  }
  return hints;
}

function isNamed({ configuration }: DesiredDevice, path: PathText): boolean {
  const key = pathKey(path);
  return [...configuration.keys()].some((named) => pathKey(named) === key);
}

const HELPFUL: readonly { readonly path: PathText; readonly helpful: string; readonly hint: string }[] = [
  {
    path: 'NetworkServices.Websocket',
    helpful: 'FollowHTTPService',
    hint: 'websocket is off, so roomd asks this device every now and then instead of being told at once',
  },
  {
    path: 'RoomAnalytics.PeoplePresenceDetector',
    helpful: 'On',
    hint: 'the People Presence detector is off, so presence stays unknown',
  },
  {
    path: 'RoomAnalytics.PeopleCountOutOfCall',
    helpful: 'On',
    hint: 'people are counted during calls only',
  },
];
