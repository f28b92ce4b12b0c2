import { Secret } from '../lib/secret.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import type { LayerContent } from './content/layer-content.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredSetting, DriftRule, Lock } from './fleet.ts';
import type { LayerEntry } from './read-contents.ts';
import type { Layer } from './schema.ts';
import type { Secrets } from './secrets.ts';
import type { WrittenSettings } from './settings.ts';

/** One layer, ready to be laid over others; made once, whatever number of devices it holds for. */
export interface ReadyLayer {
  /** As explanations name it: `profile boardroom`. */
  readonly name: string;
  /** The file that it stands in; the files that it names lie beside it. */
  readonly file: string;
  readonly value: Partial<Layer>;
  readonly settings: ReadonlyMap<string, LayerSetting>;
  readonly locks: readonly PathLock[];
  readonly drift: LayerDrift | null;
  readonly content: LayerContent | null;
}

export interface LayerSetting extends Pick<DesiredSetting, 'path' | 'value' | 'origin'> {
  readonly filePath: string;
}

export interface PathLock extends Lock {
  readonly path: PathText;
}

export interface LayerDrift {
  /** For the settings that the layer itself sets. */
  readonly own: DriftRule | null;
  /** Longest path first; the empty one stands for every setting. */
  readonly paths: readonly { readonly path: PathText; readonly rule: DriftRule }[];
}

export function readyLayer(
  yaml: YamlFile,
  { path, value, settings }: LayerEntry<Layer>,
  { name, secrets, content }: { name: string; secrets: Secrets; content: LayerContent | undefined },
): ReadyLayer {
  return {
    name,
    file: yaml.locate(path).file,
    value,
    settings: readySettings(settings, name, secrets),
    locks: (value.lock ?? []).map((locked, index) => ({
      path: locked,
      layer: name,
      place: yaml.locate([...path, 'lock', index]),
    })),
    drift: value.drift === undefined ? null : driftOf(value.drift),
    content: content ?? null,
  };
}

export function readySettings(
  settings: WrittenSettings,
  layer: string,
  secrets: Secrets,
): ReadonlyMap<string, LayerSetting> {
  const ready = new Map<string, LayerSetting>();
  for (const [key, written] of settings) {
    const value = secrets.valueOf(written);
    const shown = value instanceof Secret ? value.toString() : value;
    const { path, filePath, place } = written;
    ready.set(key, { path, filePath, value, origin: { layer, place, shown } });
  }
  return ready;
}

function driftOf(written: NonNullable<Layer['drift']>): LayerDrift {
  if (typeof written === 'string') return { own: written, paths: [] };
  const paths = Object.entries(written).map(([path, rule]) => ({ path: pathKey(path), rule }));
  return { own: null, paths: paths.sort((a, b) => b.path.length - a.path.length) };
}
