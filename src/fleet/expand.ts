import { dirname, resolve } from 'node:path';
import type { TlsPolicy } from '../xapi/device.ts';
import type { LayerChoice } from './choose-layers.ts';
import { type LayerContent, overlayContent } from './content/layer-content.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredContent, DesiredDevice, DesiredFeedback } from './fleet.ts';
import { type Overlay, overlay, type Violation } from './overlay.ts';
import { formatPlace, type Problem } from './problem.ts';
import {
  type DeviceEntry,
  type Entry,
  type FileContents,
  type LayerEntry,
  layerNames,
} from './read-contents.ts';
import { type ReadyLayer, readyLayer } from './ready-layer.ts';
import type { Device, Layer } from './schema.ts';
import type { Secrets } from './secrets.ts';
import { type ReadyOverride, readyOverrides, withOverrides } from './temporary.ts';

export interface ExpandInput {
  readonly contents: FileContents;
  readonly chosen: LayerChoice;
  readonly secrets: Secrets;
  /** What layers put onto devices besides settings, by the layer's entry. */
  readonly layerContents: ReadonlyMap<Entry<Layer>, LayerContent>;
  /** UTC milliseconds; overrides that are over by then do not count. */
  readonly now: number;
}

/** A device, and what it is apart from the time: its settings without overrides, and every override. */
export interface Expanded {
  readonly device: DesiredDevice;
  readonly lasting: Overlay['settings'];
  readonly overrides: readonly ReadyOverride[];
}

/**
 * Lays defaults, chosen layers, profiles, device and overrides over one
 * another. Of what a device lacks (and is reported for), something empty
 * stands in, so that the rest of the file can still be judged against it; such
 * a fleet is never given out.
 */
export function expandDevices(
  yaml: YamlFile,
  input: ExpandInput,
): { expanded: readonly Expanded[]; problems: readonly Problem[] } {
  const expander = new Expander(yaml, input);
  const expanded = input.contents.devices.flatMap((entry) => expander.expand(entry));
  return { expanded, problems: expander.problems() };
}

/** Layers below the device, laid over one another; shared by all devices that have the same. */
interface Base {
  readonly layers: readonly ReadyLayer[];
  readonly overlay: Overlay;
  readonly content: DesiredContent | undefined;
}

class Expander {
  readonly #yaml: YamlFile;
  readonly #input: ExpandInput;
  readonly #ready: ReadonlyMap<LayerEntry<Layer>, ReadyLayer>;
  readonly #order: ReadonlyMap<ReadyLayer, number>;
  readonly #bases = new Map<string, Base>();
  readonly #found = new Map<string, Problem>();
  /** Broken locks, told once for all devices that they concern. */
  readonly #broken = new Map<string, { violation: Violation; devices: string[] }>();

  constructor(yaml: YamlFile, input: ExpandInput) {
    this.#yaml = yaml;
    this.#input = input;
    this.#ready = new Map(
      [...layerNames(input.contents)].map(([entry, name]) => [entry, this.#make(entry, name)]),
    );
    this.#order = new Map([...this.#ready.values()].map((layer, index) => [layer, index]));
  }

  expand(entry: DeviceEntry): Expanded[] {
    const { name, host, mac, serial } = entry.value;
    // Where a pull has not told the address yet, there is nothing to expand; that has been said.
    if (name === undefined || (host === undefined && (mac ?? serial) !== undefined)) return [];
    const base = this.#base(entry);
    const own = this.#make(entry, 'device');
    const isPlain = own.settings.size === 0 && own.drift === null;
    const lasting = isPlain ? base.overlay : overlay([own], base.overlay);
    if (!isPlain) this.#report(lasting.spellings);
    const layers = [...base.layers, own];
    const values = layers.map(({ value }) => value);
    const timezone = last(values, 'timezone') ?? 'UTC';
    const { now, contents, secrets } = this.#input;
    const { overrides, problems } = readyOverrides(this.#yaml, entry, { timezone, now, secrets });
    const temporary = withOverrides(lasting, overrides, now);
    this.#report([...problems, ...temporary.problems]);
    this.#breaks([...lasting.violations, ...temporary.violations], name);
    const capacity = last(values, 'capacity');
    const content = own.content === null ? base.content : contentOf(layers);
    const device: DesiredDevice = {
      name,
      place: this.#yaml.locate([...entry.path, 'name']),
      ...address(entry.value),
      ...login(values, contents, secrets),
      tls: tlsOf(layers),
      timezone,
      tags: Object.assign({}, ...values.map(({ tags }) => tags ?? {})) as Record<string, string>,
      protected: last(values, 'protected') ?? false,
      configuration: temporary.settings,
      feedback: feedbackOf(values),
      ...(content === undefined ? {} : { content }),
      ...(capacity === undefined ? {} : { capacity }),
    };
    return [{ device, lasting: lasting.settings, overrides }];
  }

  problems(): Problem[] {
    return [...this.#found.values(), ...[...this.#broken.values()].map(lockProblem)];
  }

  #base(entry: DeviceEntry): Base {
    const { contents, chosen } = this.#input;
    const profiles = (entry.value.profiles ?? []).flatMap((name) => contents.profiles.get(name) ?? []);
    const layers = [contents.defaults, ...(chosen.get(entry) ?? []), ...profiles].flatMap(
      (layer) => this.#ready.get(layer) ?? [],
    );
    const key = layers.map((layer) => this.#order.get(layer)).join();
    const known = this.#bases.get(key);
    if (known !== undefined) return known;
    const base = { layers, overlay: overlay(layers), content: contentOf(layers) };
    this.#bases.set(key, base);
    this.#report(base.overlay.spellings);
    return base;
  }

  #make(entry: LayerEntry<Layer>, name: string): ReadyLayer {
    const { secrets, layerContents } = this.#input;
    return readyLayer(this.#yaml, entry, { name, secrets, content: layerContents.get(entry) });
  }

  /** What is wrong with a layer that many devices share is told once. */
  #report(problems: readonly Problem[]): void {
    for (const problem of problems)
      this.#found.set(`${formatPlace(problem.place)} ${problem.message}`, problem);
  }

  #breaks(violations: readonly Violation[], device: string): void {
    for (const violation of violations) {
      const key = `${formatPlace(violation.setting.origin.place)} ${formatPlace(violation.lock.place)}`;
      const known = this.#broken.get(key);
      if (known === undefined) this.#broken.set(key, { violation, devices: [device] });
      else known.devices.push(device);
    }
  }
}

function lockProblem({ violation, devices }: { violation: Violation; devices: readonly string[] }): Problem {
  const { setting, lock } = violation;
  const [first = '', ...more] = devices;
  const whom = more.length === 0 ? first : `${first} and ${more.length} more`;
  return {
    severity: 'error',
    place: setting.origin.place,
    path: setting.filePath,
    message: `${lock.path} is locked by ${lock.layer} in ${formatPlace(lock.place)}, so ${setting.origin.layer} cannot change ${setting.path} on ${whom}. Take this line out, or the lock.`,
  };
}

function contentOf(layers: readonly ReadyLayer[]): DesiredContent | undefined {
  return overlayContent(layers.flatMap(({ content }) => content ?? []));
}

function address({ host, mac, serial, kind, formerly }: Partial<Device>) {
  return {
    host: host?.host ?? '',
    port: host?.port ?? 443,
    ...(mac === undefined ? {} : { mac }),
    ...(serial === undefined ? {} : { serial }),
    kind: kind ?? null,
    formerly: formerly ?? null,
  };
}

function login(layers: readonly Partial<Layer>[], { credentials }: FileContents, secrets: Secrets) {
  const credential = last(layers, 'credentials') ?? '';
  const entry = credentials.get(credential)?.value;
  return {
    credential,
    username: entry?.username === undefined ? '' : secrets.get(entry.username).reveal(),
    password: secrets.get(entry?.password),
    ...(entry?.role === undefined ? {} : { accountRoles: entry.role }),
    ...(entry?.next === undefined ? {} : { next: secrets.get(entry.next) }),
  };
}

/** What the nearest layer says; layers come farthest first. */
function last<Key extends keyof Layer>(layers: readonly Partial<Layer>[], key: Key): Layer[Key] {
  return layers.findLast((layer) => layer[key] !== undefined)?.[key];
}

function feedbackOf(layers: readonly Partial<Layer>[]): DesiredFeedback {
  const said = layers.flatMap(({ feedback }) => feedback ?? []);
  const slots = said.findLast((feedback) => feedback.slots !== undefined)?.slots;
  return {
    expressions: said.findLast(({ expressions }) => expressions !== undefined)?.expressions ?? [],
    format: said.findLast(({ format }) => format !== undefined)?.format ?? 'XML',
    slot: said.findLast(({ slot }) => slot !== undefined)?.slot ?? null,
    ...(slots === undefined ? {} : { slots }),
  };
}

function tlsOf(layers: readonly ReadyLayer[]): TlsPolicy {
  const layer = layers.findLast(({ value }) => value.tls !== undefined);
  const tls = layer?.value.tls ?? { mode: 'pin', fingerprint256: null };
  if (tls.mode !== 'ca' || tls.caFile === null || layer === undefined) return tls;
  return { mode: 'ca', caFile: resolve(dirname(layer.file), tls.caFile) };
}
