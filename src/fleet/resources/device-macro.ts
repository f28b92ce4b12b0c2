import type { AbortOptions } from '../../lib/abort.ts';
import type { Device, DeviceIdentity, LeafMap, SettingAnswer } from '../../xapi/device.ts';
import type { Change } from '../change.ts';
import { deviceMacroPath } from '../content-paths.ts';
import type { DesiredDevice, DesiredDeviceMacro } from '../fleet.ts';
import {
  diffThings,
  type Errand,
  goneKeys,
  isRefusal,
  isUnseen,
  lookAt,
  membersOf,
  NOTHING,
  Order,
  orderChange,
  runErrands,
  sha256,
  sizeAndDigest,
  type Unseen,
  unseenDiff,
} from '../managed-content.ts';
import type { ManagedStore, ManagedThings } from '../managed-store.ts';
import type { Resource, ResourceDiff } from '../resource.ts';

export const DEVICE_MACRO_KIND = 'device-macro';

interface HeldMacro {
  readonly source: string;
  readonly active: boolean;
}

/** The macros on a device by name; null where neither the file nor the record has anything to do with them. */
export type ObservedMacros = {
  /** Whether the device runs macros at all; null where it was not asked. */
  readonly isOn: boolean | null;
  readonly macros:
    | {
        readonly held: ReadonlyMap<string, HeldMacro>;
        readonly things: ManagedThings;
      }
    | Unseen;
} | null;

interface MacroErrand extends Errand {
  readonly source: string;
  readonly active: boolean;
  readonly wasActive: boolean;
}

class MacroOrder extends Order<MacroErrand> {}

/**
 * JavaScript that runs on the device itself, by name: its source and whether
 * it is active. The runtime is restarted once after all changes that concern
 * an active macro. Macros may act on the room, so a change waits until it is free.
 */
export class DeviceMacroResource implements Resource<ObservedMacros> {
  readonly kind = DEVICE_MACRO_KIND;
  readonly #managed: ManagedStore;

  constructor({ managed }: { managed: ManagedStore }) {
    this.#managed = managed;
  }

  async observe(
    device: Device,
    desired: DesiredDevice,
    identity: DeviceIdentity,
    options: AbortOptions,
  ): Promise<ObservedMacros> {
    const { content } = desired;
    const things = await this.#managed.load(device.address.id, this.kind);
    const wanted = new Map((content?.deviceMacros ?? []).map((macro) => [macro.name, macro]));
    if (wanted.size === 0 && things.size === 0 && content?.prune !== 'all') return null;
    const held = await lookAt('device macros', identity, async () =>
      macrosIn(await device.command('Macros.Macro.Get', { Content: 'True' }, options)),
    );
    const isAsked = wanted.size > 0 && (isUnseen(held) || !wantsMacrosOn(desired));
    const isOn = isAsked ? await areMacrosOn(device, options) : null;
    if (isUnseen(held)) return { isOn, macros: held };
    await this.#managed.gone(device.address.id, this.kind, goneKeys(things, held, wanted));
    return { isOn, macros: { held, things } };
  }

  diff(desired: DesiredDevice, observed: ObservedMacros): ResourceDiff {
    if (observed === null) return NOTHING;
    const { isOn, macros } = observed;
    const wanted = desired.content?.deviceMacros ?? [];
    if (isUnseen(macros)) return unseen(desired, isOn, macros);
    const { changes, untouched } = diffThings<DesiredDeviceMacro, HeldMacro>({
      desired: new Map(wanted.map((macro) => [macro.name, macro])),
      held: macros.held,
      things: macros.things,
      prune: desired.content?.prune ?? 'own',
      isSame: (macro, held) => digestOf(macro) === digestOf(held),
      isRecorded: ({ digest }, macro) => digest === digestOf(macro),
      describe,
      keep: ({ source, active }) => ({ bytes: () => Buffer.from(source), active, lacks: null }),
      put: ({ name, source, active, givesBack = false }, held, from) =>
        changeOf(
          {
            action: 'put',
            givesBack,
            key: name,
            digest: digestOf({ source, active }),
            source,
            active,
            wasActive: held?.active ?? false,
          },
          from,
          describe({ source, active }),
        ),
      take: (key, { active: wasActive }, from) =>
        changeOf(
          { action: 'take', key, digest: '', source: '', active: false, wasActive },
          from,
          'no such macro',
        ),
    });
    return { changes, untouched, problems: [], hints: isOn === false ? [OFF_HINT] : [] };
  }

  async apply(device: Device, changes: readonly Change[], options: AbortOptions): Promise<SettingAnswer[]> {
    const errands = changes.map(({ path, wanted }) => ({ path, errand: errandIn(wanted) }));
    return runErrands(
      device,
      errands,
      { managed: this.#managed, kind: this.kind },
      {
        act: (errand) => carryOut(device, errand, options),
        finish: (taken) => restartIfNeeded(device, taken, options),
      },
    );
  }
}

/** One line that a macro, or the runtime, wrote to the device's macro log. */
export interface MacroLogEntry {
  readonly offset: number;
  /** As the device wrote it. */
  readonly timestamp: string;
  readonly level: string;
  readonly macro: string;
  readonly message: string;
}

/**
 * The device's macro log after `offset`, oldest first; hand in the last
 * entry's offset to go on from there. Names after the event `Macros Log` (SC).
 * @throws XapiError
 */
export async function observeLogs(
  device: Device,
  { offset, signal }: { offset: number } & AbortOptions,
): Promise<MacroLogEntry[]> {
  const result = await device.command('Macros.Log.Get', { Offset: offset }, { signal });
  const entries = membersOf(result, 'Message').map(
    (member): MacroLogEntry => ({
      offset: Number(member.get('Offset') ?? Number.NaN),
      timestamp: member.get('Timestamp') ?? '',
      level: member.get('Level') ?? '',
      macro: member.get('Macro') ?? '',
      message: member.get('Message') ?? '',
    }),
  );
  return entries
    .filter((entry) => Number.isInteger(entry.offset) && entry.offset > offset)
    .toSorted((a, b) => a.offset - b.offset);
}

const OFF_HINT =
  'device macros do not run, because Macros.Mode is Off; the line "Macros.Mode: On" would change that';

/** The mode stands in the file and is about to be written: nothing is wrong, and nothing can be compared yet. */
function unseen(desired: DesiredDevice, isOn: boolean | null, macros: Unseen): ResourceDiff {
  if (isOn === false && wantsMacrosOn(desired))
    return {
      ...NOTHING,
      hints: ['device macros are compared once Macros.Mode is On, as the file wants it'],
    };
  const paths = (desired.content?.deviceMacros ?? []).map(({ name }) => deviceMacroPath(name));
  return { ...unseenDiff(paths, macros), hints: isOn === false ? [OFF_HINT] : [] };
}

function wantsMacrosOn({ configuration }: DesiredDevice): boolean {
  return configuration.get('Macros.Mode')?.value === 'On';
}

async function areMacrosOn(device: Device, options: AbortOptions): Promise<boolean> {
  const document = await device.readConfiguration(options);
  return document.find('Macros.Mode')?.value !== 'Off';
}

function changeOf(errand: MacroErrand, from: string | null, to: string): Change {
  const order = new MacroOrder(DEVICE_MACRO_KIND, errand);
  return orderChange(DEVICE_MACRO_KIND, { path: deviceMacroPath(errand.key), order, from, to });
}

function errandIn(wanted: Change['wanted']): MacroErrand {
  if (wanted instanceof MacroOrder) return wanted.errand;
  throw new TypeError('the change is no order for a device macro');
}

async function carryOut(device: Device, errand: MacroErrand, options: AbortOptions): Promise<null> {
  const { action, key: Name, source, active, wasActive } = errand;
  if (action === 'take') {
    await device.command('Macros.Macro.Remove', { Name }, options);
    return null;
  }
  await device.command('Macros.Macro.Save', { Name, Overwrite: 'True' }, { ...options, body: source });
  if (active !== wasActive)
    await device.command(`Macros.Macro.${active ? 'Activate' : 'Deactivate'}`, { Name }, options);
  return null;
}

/** Why what was saved does not run, or null. */
async function restartIfNeeded(
  device: Device,
  taken: readonly MacroErrand[],
  options: AbortOptions,
): Promise<string | null> {
  if (!taken.some(({ active, wasActive }) => active || wasActive)) return null;
  try {
    await device.command('Macros.Runtime.Restart', {}, options);
    return null;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return `it is saved, but the macro runtime could not be restarted: ${error.message}`;
  }
}

function macrosIn(result: LeafMap): Map<string, HeldMacro> {
  return new Map(
    membersOf(result, 'Name').map((member) => [
      member.get('Name') ?? '',
      { source: member.get('Content') ?? '', active: member.get('Active') === 'True' },
    ]),
  );
}

/** Line ends and white space at the end may change on the way and back. */
function digestOf({ source, active }: HeldMacro): string {
  return `${sha256(source.replaceAll('\r\n', '\n').trimEnd())} ${active ? 'active' : 'inactive'}`;
}

function describe(macro: HeldMacro): string {
  const size = sizeAndDigest(Buffer.byteLength(macro.source), digestOf(macro));
  return `${size}, ${macro.active ? 'active' : 'inactive'}`;
}
