import type { AbortOptions } from '../../lib/abort.ts';
import type { Device, DeviceIdentity, LeafMap, SettingAnswer } from '../../xapi/device.ts';
import type { Change } from '../change.ts';
import { brandingPath } from '../content-paths.ts';
import type { DesiredBranding, DesiredDevice } from '../fleet.ts';
import {
  diffThings,
  type Errand,
  goneKeys,
  isRefusal,
  isUnseen,
  lookAt,
  NOTHING,
  Order,
  runErrands,
  sha256,
  sizeAndDigest,
  type Unseen,
  unseenDiff,
} from '../managed-content.ts';
import type { ManagedStore, ManagedThing, ManagedThings } from '../managed-store.ts';
import type { Resource, ResourceDiff } from '../resource.ts';

export const BRANDING_KIND = 'branding';

/** What a device tells of the picture that it has of one type. */
interface HeldPicture {
  /** xStatus UserInterface Branding CustomId; empty where the device tells none. */
  readonly customId: string;
  /** Of what `Branding Get` answers; null where the CustomId said enough. */
  readonly shown: ShownPicture | null;
}

interface ShownPicture extends Picture {
  readonly base64: string;
}

interface Picture {
  readonly bytes: number;
  readonly digest: string;
}

export type ObservedBranding = {
  readonly held: ReadonlyMap<string, HeldPicture>;
  readonly things: ManagedThings;
  /** Types that were put since the last look. */
  readonly fresh: ReadonlySet<string>;
  /** Types that could not be looked at, each with why. */
  readonly unseen: ReadonlyMap<string, Unseen>;
} | null;

interface BrandingErrand extends Errand {
  readonly base64: string;
}

class BrandingOrder extends Order<BrandingErrand> {}

/** A picture of the file with its size and digest. */
interface WantedPicture extends Picture {
  readonly type: string;
  readonly base64: string;
  readonly givesBack: boolean;
}

const TYPES: readonly DesiredBranding['type'][] = [
  'Background',
  'Branding',
  'HalfwakeBackground',
  'HalfwakeBranding',
];

/**
 * Backgrounds and logos, one of each type. Devices write pictures anew (JPEG
 * for backgrounds, PNG for logos, SC), so that the bytes often cannot be
 * compared: roomd gives each upload an id of its digest and reads it back as
 * CustomId. Where a device tells no id either, its Success stands for proof:
 * the first look after an upload calls it unreadable, later ones compare what
 * is shown with what was shown then. Everybody in the room sees a change.
 */
export class BrandingResource implements Resource<ObservedBranding> {
  readonly kind = BRANDING_KIND;
  readonly #managed: ManagedStore;
  /** Types put and not looked at since, by device. */
  readonly #fresh = new Map<number, Set<string>>();
  /** Digests of the file's pictures, which many devices share. */
  readonly #pictures = new WeakMap<DesiredBranding, WantedPicture>();

  constructor({ managed }: { managed: ManagedStore }) {
    this.#managed = managed;
  }

  async observe(
    device: Device,
    { content }: DesiredDevice,
    identity: DeviceIdentity,
    options: AbortOptions,
  ): Promise<ObservedBranding> {
    const deviceId = device.address.id;
    const things = await this.#managed.load(deviceId, this.kind);
    const desired = this.#wanted(content?.branding ?? []);
    const types = content?.prune === 'all' ? TYPES : [...new Set([...desired.keys(), ...things.keys()])];
    if (types.length === 0) return null;
    const ids = customIds(await device.readStatus('UserInterface.Branding', options));
    const held = new Map<string, HeldPicture>();
    const unseen = new Map<string, Unseen>();
    for (const type of types) {
      const customId = ids.get(type) ?? '';
      const wanted = desired.get(type);
      if (wanted !== undefined && customId === idOf(wanted)) {
        held.set(type, { customId, shown: null });
        continue;
      }
      const shown = await lookAt(`a picture of the type ${type}`, identity, () =>
        shownBy(device, type, options),
      );
      if (isUnseen(shown)) unseen.set(type, shown);
      else if (shown !== null) held.set(type, { customId, shown });
    }
    if (unseen.size === 0) await this.#managed.gone(deviceId, this.kind, goneKeys(things, held, desired));
    const fresh = this.#fresh.get(deviceId) ?? new Set();
    this.#fresh.delete(deviceId);
    return { held, things, unseen, fresh };
  }

  diff({ content }: DesiredDevice, observed: ObservedBranding): ResourceDiff {
    if (observed === null) return NOTHING;
    const { held, things, fresh, unseen } = observed;
    const all = this.#wanted(content?.branding ?? []);
    const desired = new Map([...all].filter(([type]) => !unseen.has(type)));
    const problems = [...unseen]
      .filter(([type]) => all.has(type))
      .flatMap(([type, why]) => unseenDiff([brandingPath(type)], why).problems);
    const { changes, untouched } = diffThings<WantedPicture, HeldPicture>({
      desired,
      held,
      things,
      prune: content?.prune ?? 'own',
      isSame: (wanted, picture, thing) =>
        isShown(wanted, picture) || (!fresh.has(wanted.type) && isOnRecord(wanted, picture, thing)),
      isRecorded: ({ digest }, wanted) => digest.startsWith(wanted.digest),
      describe,
      keep: ({ shown }) =>
        shown === null
          ? { lost: 'it was not read' }
          : { bytes: () => Buffer.from(shown.base64, 'base64'), lacks: null },
      put: (wanted, picture, from) =>
        changeOf(putting(wanted), {
          from,
          to: sizeAndDigest(wanted.bytes, wanted.digest),
          // Told another id, or nothing at all, the picture is surely not the file's.
          unreadable: picture !== null && picture.customId === '',
        }),
      take: (key, _picture, from) =>
        changeOf(
          { action: 'take', key, digest: '', base64: '' },
          { from, to: 'no picture', unreadable: false },
        ),
    });
    return { changes, untouched, problems, hints: [] };
  }

  async apply(device: Device, changes: readonly Change[], options: AbortOptions): Promise<SettingAnswer[]> {
    const errands = changes.map(({ path, wanted }) => ({ path, errand: errandIn(wanted) }));
    const { id } = device.address;
    const fresh = this.#fresh.get(id) ?? new Set();
    this.#fresh.set(id, fresh);
    const act = async (errand: BrandingErrand): Promise<string | null> => {
      const record = await carryOut(device, errand, options);
      if (record !== null) fresh.add(errand.key);
      return record;
    };
    return runErrands(device, errands, { managed: this.#managed, kind: this.kind }, { act });
  }

  #wanted(branding: readonly DesiredBranding[]): Map<string, WantedPicture> {
    return new Map(
      branding.map((one) => {
        const known = this.#pictures.get(one) ?? pictureOf(one);
        this.#pictures.set(one, known);
        return [one.type, known];
      }),
    );
  }
}

function isShown(wanted: WantedPicture, { customId, shown }: HeldPicture): boolean {
  return customId === '' ? shown?.digest === wanted.digest : customId === idOf(wanted);
}

/** The device took it, cannot show that it did, and has shown the same ever since. */
function isOnRecord(
  wanted: WantedPicture,
  { customId, shown }: HeldPicture,
  thing: ManagedThing | undefined,
): boolean {
  return customId === '' && thing?.digest === recordOf(wanted.digest, shown);
}

function pictureOf({ type, base64, givesBack = false }: DesiredBranding): WantedPicture {
  const bytes = Buffer.from(base64, 'base64');
  return { type, base64, givesBack, bytes: bytes.length, digest: sha256(bytes) };
}

/** What roomd calls an upload, so that it knows the picture again. */
function idOf({ digest }: Picture): string {
  return `roomd-${digest.slice(0, 32)}`;
}

/** On record: what was uploaded, and what the device then showed for it, so that a picture put in its place is noticed. */
function recordOf(digest: string, shown: Picture | null): string {
  return `${digest} ${shown?.digest ?? 'not shown'}`;
}

function putting({ type, digest, base64, givesBack }: WantedPicture): BrandingErrand {
  return { action: 'put', key: type, digest, base64, givesBack };
}

function changeOf(
  errand: BrandingErrand,
  { from, to, unreadable }: Pick<Change, 'from' | 'to' | 'unreadable'>,
): Change {
  const wanted = new BrandingOrder(BRANDING_KIND, errand);
  return {
    kind: BRANDING_KIND,
    path: brandingPath(errand.key),
    from,
    to,
    wanted,
    unreadable,
    noticeable: true,
  };
}

function errandIn(wanted: Change['wanted']): BrandingErrand {
  if (wanted instanceof BrandingOrder) return wanted.errand;
  throw new TypeError('the change is no order for a picture');
}

async function carryOut(
  device: Device,
  { action, key: Type, digest, base64: body }: BrandingErrand,
  options: AbortOptions,
): Promise<string | null> {
  if (action === 'take') {
    await device.command('UserInterface.Branding.Delete', { Type }, options);
    return null;
  }
  const CustomId = idOf({ bytes: 0, digest });
  await device.command('UserInterface.Branding.Upload', { Type, CustomId }, { ...options, body });
  return recordOf(digest, await shownBy(device, Type, options));
}

/** Empty ids are none. */
function customIds(status: LeafMap): Map<string, string> {
  const prefix = 'UserInterface.Branding.CustomId.';
  return new Map(
    [...status]
      .filter(([path, id]) => path.startsWith(prefix) && id !== '')
      .map(([path, id]) => [path.slice(prefix.length), id]),
  );
}

/** What `Branding Get` answers, whatever the leaf is called; null where there is no picture of the type. */
async function shownBy(device: Device, Type: string, options: AbortOptions): Promise<ShownPicture | null> {
  let result: LeafMap;
  try {
    result = await device.command('UserInterface.Branding.Get', { Type }, options);
  } catch (error) {
    if (isRefusal(error) && error.code === 'command-failed') return null;
    throw error;
  }
  // It may name the type beside the picture, which is the leaf Image or else the longest other one.
  const others = [...result].filter(([, value]) => value !== Type);
  const image = others.find(([path]) => /(?:^|\.)image$/i.test(path))?.[1];
  const answer = image ?? others.map(([, value]) => value).toSorted((a, b) => b.length - a.length)[0] ?? '';
  const bytes = Buffer.from(answer, 'base64');
  return bytes.length === 0 ? null : { bytes: bytes.length, digest: sha256(bytes), base64: answer };
}

function describe({ customId, shown }: HeldPicture): string {
  const size = shown === null ? `the picture ${customId}` : sizeAndDigest(shown.bytes, shown.digest);
  return customId === '' || shown === null ? size : `${size}, called "${customId}"`;
}
