import type { PathText } from '../xapi/path.ts';
import { comparePaths } from './held-settings.ts';

/** One device whose settings are to be written down. */
export interface FactorDevice {
  readonly name: string;
  /** Groups that may become a profile, such as the product; in the order in which they are tried. */
  readonly groups: readonly string[];
  /** Every setting that may be written for it. */
  readonly values: ReadonlyMap<PathText, string>;
  /** Those of them that must be written. */
  readonly kept: ReadonlySet<PathText>;
}

export interface Factored {
  readonly defaults: ReadonlyMap<PathText, string>;
  readonly profiles: readonly FactoredProfile[];
  /** By device name. */
  readonly devices: ReadonlyMap<string, FactoredDevice>;
}

export interface FactoredProfile {
  readonly name: string;
  readonly members: readonly string[];
  readonly settings: ReadonlyMap<PathText, string>;
}

export interface FactoredDevice {
  readonly profiles: readonly string[];
  readonly settings: ReadonlyMap<PathText, string>;
}

/**
 * Finds what devices have in common, so that it is written once. What comes
 * out gives each device exactly its kept settings, and may add settings that
 * it holds anyway. It does not depend on the order of the devices. The rule,
 * greedy and in this order:
 *
 * 1. `defaults` takes a path that every device has, with the value that most
 *    hold, where that saves lines (those who differ say so themselves).
 * 2. Each group of two or more, by name, becomes a profile by the same rule,
 *    where it saves more lines than the profile costs.
 * 3. Settings that exactly the same devices still have to write become a
 *    profile `shared-N`, largest saving first, where that saves lines.
 */
export function factorSettings(devices: readonly FactorDevice[]): Factored {
  const sorted = [...devices].sort((a, b) => compareText(a.name, b.name));
  const writers = sorted.map((device) => new Writer(device));
  const defaults = sorted.length < 2 ? new Map<PathText, string>() : commonSettings(writers).settings;
  for (const writer of writers) writer.inherit(defaults);
  const profiles: FactoredProfile[] = [];
  for (const [name, members] of groupsOf(writers)) {
    if (members.length < 2 || members.length === writers.length) continue;
    const { settings, saved } = commonSettings(members);
    if (saved <= profileCost(members.length)) continue;
    profiles.push(profileOf(name, members, settings));
    for (const member of members) member.inherit(settings, name);
  }
  for (const { members, settings } of sharedSettings(writers)) {
    const name = freeName(profiles.length + 1, profiles);
    profiles.push(profileOf(name, members, settings));
    for (const member of members) member.inherit(settings, name);
  }
  const own = writers.map(
    (writer) => [writer.name, { profiles: writer.profiles, settings: writer.missing() }] as const,
  );
  return { defaults, profiles, devices: new Map(own) };
}

/** A device and what the layers so far give it. */
class Writer {
  readonly name: string;
  readonly groups: readonly string[];
  readonly profiles: string[] = [];
  readonly #values: ReadonlyMap<PathText, string>;
  readonly #kept: ReadonlySet<PathText>;
  readonly #given = new Map<PathText, string>();

  constructor({ name, groups, values, kept }: FactorDevice) {
    this.name = name;
    this.groups = groups;
    this.#values = values;
    this.#kept = kept;
  }

  get kept(): Iterable<PathText> {
    return this.#kept;
  }

  value(path: PathText): string | undefined {
    return this.#values.get(path);
  }

  /** Whether the device itself would have to say it as things stand. */
  needs(path: PathText): boolean {
    const given = this.#given.get(path);
    return given === undefined ? this.#kept.has(path) : given !== this.#values.get(path);
  }

  inherit(settings: ReadonlyMap<PathText, string>, profile?: string): void {
    for (const [path, value] of settings) this.#given.set(path, value);
    if (profile !== undefined) this.profiles.push(profile);
  }

  missing(): Map<PathText, string> {
    const paths = [...new Set([...this.#kept, ...this.#given.keys()])].filter((path) => this.needs(path));
    return new Map(paths.sort(comparePaths).map((path) => [path, this.#values.get(path) ?? '']));
  }
}

/** What a layer over these devices should say, and how many lines that saves. */
function commonSettings(members: readonly Writer[]): { settings: Map<PathText, string>; saved: number } {
  const settings = new Map<PathText, string>();
  let saved = 0;
  for (const path of pathsOf(members)) {
    const common = mostCommon(members.map((member) => member.value(path)));
    if (common === null) continue;
    const before = members.filter((member) => member.needs(path)).length;
    const after = 1 + members.filter((member) => member.value(path) !== common).length;
    if (after >= before) continue;
    settings.set(path, common);
    saved += before - after;
  }
  return { settings, saved };
}

function pathsOf(members: readonly Writer[]): PathText[] {
  return [...new Set(members.flatMap((member) => [...member.kept]))].sort(comparePaths);
}

/** The value that most have, the first by its text among equals; null where somebody has none. */
function mostCommon(values: readonly (string | undefined)[]): string | null {
  const times = new Map<string, number>();
  for (const value of values) {
    if (value === undefined) return null;
    times.set(value, (times.get(value) ?? 0) + 1);
  }
  const [first] = [...times].sort(([a, m], [b, n]) => n - m || compareText(a, b));
  return first?.[0] ?? null;
}

function groupsOf(writers: readonly Writer[]): [string, Writer[]][] {
  const groups = new Map<string, Writer[]>();
  for (const writer of writers)
    for (const group of writer.groups) groups.set(group, [...(groups.get(group) ?? []), writer]);
  return [...groups].sort(([a], [b]) => compareText(a, b));
}

/** Settings that exactly the same devices still have to say, where a profile for them saves lines. */
function sharedSettings(
  writers: readonly Writer[],
): { members: Writer[]; settings: Map<PathText, string> }[] {
  const holders = new Map<string, { path: PathText; value: string; members: Writer[] }>();
  for (const writer of writers) {
    for (const [path, value] of writer.missing()) {
      const key = JSON.stringify([path, value]);
      const holder = holders.get(key) ?? { path, value, members: [] };
      holder.members.push(writer);
      holders.set(key, holder);
    }
  }
  const sets = new Map<string, { members: Writer[]; settings: Map<PathText, string> }>();
  for (const { path, value, members } of holders.values()) {
    const key = JSON.stringify(members.map(({ name }) => name));
    const set = sets.get(key) ?? { members, settings: new Map<PathText, string>() };
    set.settings.set(path, value);
    sets.set(key, set);
  }
  const saving = ({ members, settings }: { members: Writer[]; settings: Map<PathText, string> }): number =>
    (members.length - 1) * settings.size - profileCost(members.length);
  return [...sets]
    .filter(([, set]) => saving(set) > 0)
    .sort(([a, one], [b, other]) => saving(other) - saving(one) || compareText(a, b))
    .map(([, set]) => set);
}

/** Lines that a profile costs: its name and heading, and that each member names it. */
function profileCost(members: number): number {
  return members + 2;
}

function profileOf(
  name: string,
  members: readonly Writer[],
  settings: ReadonlyMap<PathText, string>,
): FactoredProfile {
  const inOrder = [...settings].sort(([a], [b]) => comparePaths(a, b));
  return { name, members: members.map((member) => member.name), settings: new Map(inOrder) };
}

function freeName(from: number, taken: readonly FactoredProfile[]): string {
  const name = `shared-${from}`;
  return taken.some((profile) => profile.name === name) ? freeName(from + 1, taken) : name;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
