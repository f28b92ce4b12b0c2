import { dirname, resolve } from 'node:path';
import { Secret } from '../lib/secret.ts';
import type { TlsPolicy } from '../xapi/device.ts';
import type { PathText } from '../xapi/path.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredDevice, DesiredFeedback, DesiredSetting } from './fleet.ts';
import { formatPlace, type Problem } from './problem.ts';
import type { FileContents, LayerEntry } from './read-contents.ts';
import type { Device, Layer } from './schema.ts';
import type { Secrets } from './secrets.ts';

interface LayerSetting extends Omit<DesiredSetting, 'overridden'> {
  readonly filePath: string;
}

/** One layer with its settings ready to be laid over others; made once, whatever number of devices it holds for. */
interface ReadyLayer {
  readonly value: Partial<Layer>;
  readonly settings: ReadonlyMap<string, LayerSetting>;
}

/**
 * Lays defaults, profiles and device over one another. Of what a device lacks
 * (and is reported for), something empty stands in, so that the rest of the
 * file can still be judged against it; such a fleet is never given out.
 */
export function expandDevices(
  yaml: YamlFile,
  contents: FileContents,
  secrets: Secrets,
  file: string,
): { devices: readonly DesiredDevice[]; problems: readonly Problem[] } {
  const ready = (layer: LayerEntry<Partial<Layer>>, name: string): ReadyLayer => ({
    value: layer.value,
    settings: readySettings(layer, name, secrets),
  });
  const defaults = ready(contents.defaults, 'defaults');
  const profiles = new Map(
    [...contents.profiles].map(([name, layer]) => [name, ready(layer, `profile ${name}`)]),
  );
  const spellings = new Map<string, Problem>();
  const devices: DesiredDevice[] = [];
  for (const entry of contents.devices) {
    const { name, profiles: names = [] } = entry.value;
    if (name === undefined) continue;
    const own = ready(entry, 'device');
    const layers = [defaults, ...names.flatMap((profile) => profiles.get(profile) ?? []), own];
    const place = yaml.locate([...entry.path, 'name']);
    const values = layers.map(({ value }) => value);
    devices.push({
      name,
      place,
      ...address(entry.value),
      ...login(values, contents, secrets),
      tls: absoluteTls(last(values, 'tls') ?? { mode: 'pin', fingerprint256: null }, file),
      timezone: last(values, 'timezone') ?? 'UTC',
      tags: Object.assign({}, ...values.map(({ tags }) => tags ?? {})) as Record<string, string>,
      protected: last(values, 'protected') ?? false,
      configuration: overlay(layers, (problem) => spellings.set(formatPlace(problem.place), problem)),
      feedback: feedbackOf(values),
    });
  }
  return { devices, problems: [...spellings.values()] };
}

function address({ host, kind, formerly }: Partial<Device>) {
  return { host: host?.host ?? '', port: host?.port ?? 443, kind: kind ?? null, formerly: formerly ?? null };
}

function login(layers: readonly Partial<Layer>[], { credentials }: FileContents, secrets: Secrets) {
  const credential = last(layers, 'credentials') ?? '';
  const entry = credentials.get(credential)?.value;
  return {
    credential,
    username: entry?.username === undefined ? '' : secrets.get(entry.username).reveal(),
    password: secrets.get(entry?.password),
  };
}

/** What the nearest layer says; layers come farthest first. */
function last<Key extends keyof Layer>(layers: readonly Partial<Layer>[], key: Key): Layer[Key] {
  return layers.findLast((layer) => layer[key] !== undefined)?.[key];
}

function feedbackOf(layers: readonly Partial<Layer>[]): DesiredFeedback {
  const said = layers.flatMap(({ feedback }) => feedback ?? []);
  return {
    expressions: said.findLast(({ expressions }) => expressions !== undefined)?.expressions ?? [],
    format: said.findLast(({ format }) => format !== undefined)?.format ?? 'XML',
    slot: said.findLast(({ slot }) => slot !== undefined)?.slot ?? null,
  };
}

function absoluteTls(tls: TlsPolicy, file: string): TlsPolicy {
  if (tls.mode !== 'ca' || tls.caFile === null) return tls;
  return { mode: 'ca', caFile: resolve(dirname(file), tls.caFile) };
}

function readySettings(
  { settings }: LayerEntry<Partial<Layer>>,
  layer: string,
  secrets: Secrets,
): ReadonlyMap<string, LayerSetting> {
  const ready = new Map<string, LayerSetting>();
  for (const [key, written] of settings) {
    const value = secrets.valueOf(written);
    const shown = value instanceof Secret ? value.toString() : value;
    ready.set(key, {
      path: written.path,
      filePath: written.filePath,
      value,
      origin: { layer, place: written.place, shown },
    });
  }
  return ready;
}

/** Devices compare names without regard to case, so two spellings are one setting; which of them was meant is worth a look. */
function overlay(
  layers: readonly ReadyLayer[],
  warn: (problem: Problem) => void,
): ReadonlyMap<PathText, DesiredSetting> {
  const byKey = new Map<string, DesiredSetting>();
  for (const { settings } of layers) {
    for (const [key, { path, value, origin, filePath }] of settings) {
      const below = byKey.get(key);
      const overridden = below === undefined ? [] : [below.origin, ...below.overridden];
      byKey.set(key, { path, value, origin, overridden });
      if (below === undefined || below.path === path) continue;
      warn({
        severity: 'warning',
        place: origin.place,
        path: filePath,
        message: `it is spelled ${below.path} in ${formatPlace(below.origin.place)}; both are taken for one setting. Write them alike.`,
      });
    }
  }
  return new Map([...byKey.values()].map((setting) => [setting.path, setting]));
}
