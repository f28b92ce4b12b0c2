import type { AcceptedSetting } from '../../schema/accepted-setting.ts';
import type { PatternSegment, ValueSpace } from '../../schema/product-schema.ts';
import type { ConfigurationDocument, DeviceValueSpace } from '../../xapi/device.ts';
import { parsePath } from '../../xapi/path.ts';

/**
 * What a device accepts, from its /configuration.xml and /valuespace.xml:
 * paths, indices, value spaces and what is masked. It tells neither defaults
 * nor roles. Neighbouring items of a list that take the same become one range.
 */
export function settingsOfDevice(
  { leaves, valueSpaceRefs }: Pick<ConfigurationDocument, 'leaves' | 'valueSpaceRefs'>,
  spaces: ReadonlyMap<string, DeviceValueSpace>,
): AcceptedSetting[] {
  const settings: AcceptedSetting[] = [];
  const lastLike = new Map<string, number>();
  for (const path of leaves.keys()) {
    const space = spaces.get(valueSpaceRefs.get(path) ?? '') ?? null;
    const setting: AcceptedSetting = {
      path: parsePath(path).map(({ name, index }) => ({
        name,
        index: index === null ? null : { first: index, last: index },
      })),
      space: plain(space?.space ?? null),
      hidden: space?.hidden ?? false,
      defaults: null,
      roles: null,
    };
    const key = likeness(setting);
    const at = lastLike.get(key);
    const longer = at === undefined ? null : extended(settings[at], setting);
    if (at !== undefined && longer !== null) settings[at] = longer;
    else {
      lastLike.set(key, settings.length);
      settings.push(setting);
    }
  }
  return settings;
}

/** Devices give every integer a step of 1, which says nothing; schema files leave it out. */
function plain(space: ValueSpace | null): ValueSpace | null {
  return space?.type === 'Integer' && space.step !== null && space.step <= 1
    ? { ...space, step: null }
    : space;
}

/** Settings with the same names, the same space and the same indices but for the last one. */
function likeness({ path, space, hidden }: AcceptedSetting): string {
  const last = path.findLastIndex(({ index }) => index !== null);
  const names = path.map(({ name, index }, at) =>
    index === null || at === last ? name : `${name}[${index.first}]`,
  );
  return JSON.stringify([names, space, hidden]);
}

/** The range with the next item added, null where it is not the next. */
function extended(range: AcceptedSetting | undefined, next: AcceptedSetting): AcceptedSetting | null {
  const at = next.path.findLastIndex(({ index }) => index !== null);
  const index = range?.path[at]?.index ?? null;
  const id = next.path[at]?.index?.first ?? null;
  if (range === undefined || index === null || id === null || index.last !== id - 1) return null;
  const path = range.path.map(
    (segment, position): PatternSegment =>
      position === at ? { ...segment, index: { first: index.first, last: id } } : segment,
  );
  return { ...range, path };
}

/** The least space that takes what either takes; null where that cannot be said. */
export function widened(one: ValueSpace, other: ValueSpace | null): ValueSpace | null {
  if (one.type === 'Literal' && other?.type === 'Literal')
    return { type: 'Literal', values: [...new Set([...one.values, ...other.values])] };
  if (one.type === 'Integer' && other?.type === 'Integer')
    return {
      type: 'Integer',
      min: least(one.min, other.min),
      max: most(one.max, other.max),
      step: one.step === other.step ? one.step : null,
    };
  if (one.type === 'String' && other?.type === 'String')
    return {
      type: 'String',
      minLength: Math.min(one.minLength, other.minLength),
      maxLength: most(one.maxLength, other.maxLength),
    };
  return null;
}

function least(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.min(one, other);
}

function most(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
