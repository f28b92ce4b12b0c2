import type { AbortOptions } from '../../lib/abort.ts';
import { Secret } from '../../lib/secret.ts';
import { didYouMean } from '../../lib/suggest.ts';
import { formatPattern, namesKey } from '../../schema/path-pattern.ts';
import type {
  ConfigurationDocument,
  Device,
  DeviceIdentity,
  HeldSetting,
  SettingAnswer,
} from '../../xapi/device.ts';
import { type PathText, pathKey } from '../../xapi/path.ts';
import { accountOf, roleRefusal } from '../account-role.ts';
import type { Change } from '../change.ts';
import type { DesiredDevice, DesiredSetting } from '../fleet.ts';
import { harmlessReason } from '../harmless.ts';
import { KeptConfiguration } from '../kept-configuration.ts';
import type { Acceptance, AcceptedHere } from '../knowledge/acceptance.ts';
import type { Acceptances } from '../knowledge/acceptances.ts';
import { settingsOfDevice } from '../knowledge/from-device.ts';
import type { Resource, ResourceDiff, ResourceProblem } from '../resource.ts';
import { looksMasked, normalizeValue } from '../value-check.ts';

export const CONFIGURATION_KIND = 'configuration';

export interface ObservedConfiguration {
  readonly document: ConfigurationDocument;
  readonly accepts: Acceptance;
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
    spaces: Acceptance['spaces'],
  ): Promise<unknown>;
}

/** A sentence: the device would not take the setting. */
interface Refusal {
  readonly refusal: string;
}

const SHOWN_SECRET = '[secret]';

/** xConfiguration, as far as the file names it: settings that the file does not name are never touched. */
export class ConfigurationResource implements Resource<ObservedConfiguration> {
  readonly kind = CONFIGURATION_KIND;
  readonly #accepts: Acceptances;
  readonly #proofs: HiddenProofs;
  readonly #knowledge: ProductTeacher | null;

  constructor({
    accepts,
    proofs,
    knowledge = null,
  }: {
    accepts: Acceptances;
    proofs: HiddenProofs;
    knowledge?: ProductTeacher | null;
  }) {
    this.#accepts = accepts;
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
    const accepts = await this.#accepts.of(device, identity, options);
    // What is kept of a reading taught all it can when that was made.
    if (!(document instanceof KeptConfiguration))
      await this.#knowledge?.learn(identity, document, accepts.spaces);
    const proven = asksForProof(desired, document, accepts)
      ? await this.#proofs.load(device.address.id)
      : new Map<string, string>();
    return { document, accepts, proven };
  }

  diff(desired: DesiredDevice, observed: ObservedConfiguration): ResourceDiff {
    const changes: Change[] = [];
    const problems: ResourceProblem[] = [];
    const unjudged: PathText[] = [];
    let untouched = 0;
    for (const setting of desired.configuration.values()) {
      const { place } = setting.origin;
      const held = observed.document.find(setting.path);
      if (held === null) {
        problems.push({ path: setting.path, message: absence(setting.path, observed), place });
        continue;
      }
      const here = observed.accepts.at(held);
      const verdict = this.#compare(setting, held, { ...observed, here, desired });
      if (verdict === 'same') untouched += 1;
      else if ('refusal' in verdict) problems.push({ path: held.path, message: verdict.refusal, place });
      else {
        changes.push(verdict);
        if (here.space === null) unjudged.push(held.path);
      }
    }
    // Settings that share a branch stand together in the document; a device that answers in its order then answers in ours.
    changes.sort((one, other) => (pathKey(one.path) < pathKey(other.path) ? -1 : 1));
    const hints = [...unknownHints(unjudged, observed, desired), ...hintsFor(desired, observed.document)];
    return { changes, untouched, problems, hints };
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
    { path, value: held }: HeldSetting,
    {
      accepts,
      proven,
      here,
      desired,
    }: ObservedConfiguration & { here: AcceptedHere; desired: DesiredDevice },
  ): 'same' | Change | Refusal {
    const { space } = here;
    const wanted = setting.value instanceof Secret ? setting.value.reveal() : setting.value;
    const isUnreadable = isHidden(held, here, setting.value);
    const isSame = isUnreadable
      ? proven.get(pathKey(path)) === this.#proofs.fingerprint(new Secret(wanted))
      : normalizeValue(held, space) === normalizeValue(wanted, space);
    // What the device holds it takes, whatever its value space says: vendors' defaults lie outside some.
    if (isSame) return 'same';
    const secret = isUnreadable || setting.value instanceof Secret;
    const refusal =
      accepts.refusal(wanted, here, secret) ??
      roleRefusal(path, here.vendor?.roles ?? null, accountOf(desired));
    if (refusal !== null) return { refusal };
    return {
      kind: this.kind,
      path,
      from: secret ? SHOWN_SECRET : held,
      to: secret ? SHOWN_SECRET : wanted,
      wanted: secret ? new Secret(wanted) : wanted,
      unreadable: isUnreadable,
      place: setting.origin.place,
      noticeable: harmlessReason(path) === null,
    };
  }
}

/** Masked by its look or by the device's word; an empty answer counts as masked where a secret or the vendor says that it hides one. */
function isHidden(held: string, { own, vendor }: AcceptedHere, wanted: string | Secret): boolean {
  if (looksMasked(held) || own?.hidden === true) return true;
  return held === '' && (wanted instanceof Secret || vendor?.hidden === true);
}

/** Whether the file names anything that the device does not show, so that what is on record must speak for it. */
function asksForProof(
  { configuration }: DesiredDevice,
  document: ConfigurationDocument,
  accepts: Acceptance,
): boolean {
  for (const { path, value } of configuration.values()) {
    const held = document.find(path);
    if (held !== null && isHidden(held.value, accepts.at(held), value)) return true;
  }
  return false;
}

/** Why there is nothing at a path: another index, another product, another name. */
function absence(path: PathText, { document, accepts }: ObservedConfiguration): string {
  const key = namesKey(path);
  const alike = document.paths.filter((leaf) => namesKey(leaf) === key);
  const leaves = new Map(alike.map((leaf) => [leaf, '']));
  if (leaves.size > 0) {
    const held = settingsOfDevice({ leaves, valueSpaceRefs: new Map() }, new Map());
    return `the device has no such item; it has ${held.map((one) => formatPattern(one.path)).join(', ')}. Write one of these, or take the line out.`;
  }
  if (accepts.vendor?.at(path))
    return `this device does not show it, though the vendor's schema ${accepts.software} has it; it may come with a peripheral or an option.`;
  const suggestion = didYouMean(path, document.paths);
  return `the device has no such setting.${suggestion === '' ? " Take the line out, or look the name up in the vendor's guide." : suggestion}`;
}

const MOST_NAMED = 3;

/** What nobody told roomd of the changes, once for a device. */
function unknownHints(
  unjudged: readonly PathText[],
  { accepts: { vendor, software } }: ObservedConfiguration,
  desired: DesiredDevice,
): string[] {
  const remedy = `roomd schema import FILE with the vendor's schema of ${software} may tell`;
  const account = accountOf(desired);
  const hints: string[] = [];
  if (unjudged.length > 0) {
    const named = unjudged.slice(0, MOST_NAMED).join(', ');
    const rest = unjudged.length - MOST_NAMED;
    hints.push(
      `whether the device takes ${unjudged.length === 1 ? 'this change is' : `these ${unjudged.length} changes is`} not known: ${named}${rest > 0 ? ` and ${rest} more` : ''}; ` +
        `neither the device nor a schema file says${vendor === null ? `; ${remedy}` : ''}`,
    );
  }
  if (vendor === null && !account.roles.includes('Admin') && desired.configuration.size > 0)
    hints.push(
      `which settings the account "${account.name}" may write as ${account.roles.join(' and ')} is not known; ${remedy}`,
    );
  return hints;
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
