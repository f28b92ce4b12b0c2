import type { YamlFile } from './file/yaml-file.ts';
import { type Problem, placeSeenFrom } from './problem.ts';
import type { DeviceEntry, Entry, FileContents, LayerEntry } from './read-contents.ts';
import type { ChosenLayer } from './schema.ts';
import { matches, meantInstead, type Selectable, tagsAskedFor, unknownNames } from './selector.ts';

/** The entries of `layers` that hold for each device, in the order of the file. */
export type LayerChoice = ReadonlyMap<DeviceEntry, readonly LayerEntry<ChosenLayer>[]>;

/**
 * Chooses layers by what a device is without them: its name, its kind, and the
 * tags of defaults, its profiles and itself. Tags that layers set are there
 * for macros, rollouts and the command line, so that the order of layers never
 * decides which of them hold.
 */
export function chooseLayers(
  yaml: YamlFile,
  contents: FileContents,
  isWhole: boolean,
): { chosen: LayerChoice; problems: readonly Problem[] } {
  const devices = contents.devices.map((entry) => ({ entry, as: selectable(entry, contents) }));
  const chosen = new Map(
    devices.map(({ entry, as }) => [
      entry,
      contents.chosen.filter(
        ({ value }) => value.devices !== undefined && matches(value.devices.selector, as),
      ),
    ]),
  );
  const holding = new Set([...chosen.values()].flat());
  const problems = [
    ...namedTwice(yaml, contents.chosen),
    ...contents.chosen.flatMap((layer) => ownTags(yaml, layer)),
  ];
  // An empty fleet, or one with a file missing, says nothing about what a selector will fit.
  if (isWhole && devices.length > 0) {
    const known = devices.map(({ as }) => as);
    problems.push(
      ...contents.chosen.flatMap((layer) =>
        fitsNothing(yaml, layer, { known, contents, holds: holding.has(layer) }),
      ),
    );
  }
  return { chosen, problems };
}

function selectable({ value }: DeviceEntry, { defaults, profiles }: FileContents): Selectable {
  const named = (value.profiles ?? []).map((name) => profiles.get(name)?.value.tags);
  return {
    name: value.name ?? '',
    kind: value.kind ?? null,
    tags: Object.assign({}, defaults.value.tags, ...named, value.tags) as Record<string, string>,
  };
}

function namedTwice(yaml: YamlFile, layers: readonly LayerEntry<ChosenLayer>[]): Problem[] {
  const firsts = new Map<string, LayerEntry<ChosenLayer>>();
  const problems: Problem[] = [];
  for (const layer of layers) {
    const { name } = layer.value;
    if (name === undefined) continue;
    const first = firsts.get(name);
    const path = [...layer.path, 'name'];
    if (first === undefined) firsts.set(name, layer);
    else
      problems.push(
        yaml.error(
          path,
          `the name "${name}" is taken by the layer ${placeSeenFrom(yaml.locate([...first.path, 'name']), yaml.locate(path))}; explanations could not tell the two apart.`,
        ),
      );
  }
  return problems;
}

function ownTags(yaml: YamlFile, { path, value }: Entry<ChosenLayer>): Problem[] {
  const asked = new Set(value.devices === undefined ? [] : tagsAskedFor(value.devices.selector).map(lower));
  return Object.keys(value.tags ?? {})
    .filter((tag) => asked.has(lower(tag)))
    .map((tag) =>
      yaml.keyError(
        [...path, 'tags', tag],
        `this layer is chosen by the tag "${tag}", so it cannot set it; set it in defaults, a profile or the devices.`,
      ),
    );
}

function fitsNothing(
  yaml: YamlFile,
  { path, value }: LayerEntry<ChosenLayer>,
  { known, contents, holds }: { known: readonly Selectable[]; contents: FileContents; holds: boolean },
): Problem[] {
  if (value.devices === undefined) return [];
  const where = [...path, 'devices'];
  const { text, selector } = value.devices;
  const unknown = unknownNames(selector, known).flatMap(({ name, message }) => {
    const setter = contents.chosen.find((layer) =>
      Object.keys(layer.value.tags ?? {}).some((tag) => lower(tag) === lower(name)),
    );
    // A layer that sets what it asks for has been told so.
    if (setter !== undefined && setter.path === path) return [];
    const why =
      setter === undefined
        ? message
        : `the tag "${name}" is set by the layer "${setter.value.name ?? ''}" alone, and layers are chosen by the tags of defaults, profiles and devices.`;
    return [yaml.warning(where, why)];
  });
  if (unknown.length > 0 || holds || ownTags(yaml, { path, value }).length > 0) return unknown;
  return [
    yaml.warning(
      where,
      `no device fits "${text}", so this layer holds for none; mend the selector, or take the layer out.${meantInstead(selector, known)}`,
    ),
  ];
}

function lower(text: string): string {
  return text.toLowerCase();
}
