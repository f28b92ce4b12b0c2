import { unreachable } from '../lib/errors.ts';
import { didYouMean, nearest } from '../lib/suggest.ts';
import type { DesiredDevice, Fleet } from './fleet.ts';
import { isLike } from './glob.ts';
import { sourcesOf } from './inventory/inventory-section.ts';
import type { Problem } from './problem.ts';
import type { Selector } from './selector-parse.ts';

export { parseSelector, type Selector, SelectorError } from './selector-parse.ts';

/** What a selector looks at. */
export type Selectable = Pick<DesiredDevice, 'name' | 'kind' | 'tags'>;

export function matches(selector: Selector, device: Selectable): boolean {
  switch (selector.type) {
    case 'all':
      return true;
    case 'name':
      return isLike(device.name, selector.glob);
    case 'attribute': {
      const value = attributeOf(device, selector.key);
      return value !== undefined && isLike(value, selector.glob);
    }
    case 'tag': {
      const value = tagOf(device, selector.key);
      return value !== undefined && value.toLowerCase() !== 'false';
    }
    case 'not':
      return !matches(selector.of, device);
    case 'and':
      return selector.of.every((part) => matches(part, device));
    case 'or':
      return selector.of.some((part) => matches(part, device));
    default:
      return unreachable(selector);
  }
}

export function select<Device extends Selectable>(selector: Selector, devices: readonly Device[]): Device[] {
  return devices.filter((device) => matches(selector, device));
}

/** Whether the selector calls the device by its name, not only by what it has in common with others. */
export function callsByName(selector: Selector, device: Selectable): boolean {
  switch (selector.type) {
    case 'name':
      return !/[*?]/.test(selector.glob) && isLike(device.name, selector.glob);
    case 'attribute':
      return selector.key === 'name' && !/[*?]/.test(selector.glob) && isLike(device.name, selector.glob);
    case 'and':
    case 'or':
      return selector.of.some((part) => callsByName(part, device));
    case 'all':
    case 'tag':
    case 'not':
      return false;
    default:
      return unreachable(selector);
  }
}

export interface UnknownName {
  readonly name: string;
  readonly column: number;
  /** A sentence, with what was probably meant. */
  readonly message: string;
}

/** The names, kinds and tags of a selector that no device of the fleet has; a pattern with `*` or `?` may match nothing. */
export function unknownNames(selector: Selector, devices: readonly Selectable[]): UnknownName[] {
  switch (selector.type) {
    case 'all':
      return [];
    case 'not':
      return unknownNames(selector.of, devices);
    case 'and':
    case 'or':
      return selector.of.flatMap((part) => unknownNames(part, devices));
    case 'name':
      return unknownDevice(selector.glob, selector.column, devices);
    case 'attribute':
      if (selector.key === 'kind') return unknownKind(selector.glob, selector.column);
      return selector.key === 'name'
        ? unknownDevice(selector.glob, selector.column, devices)
        : unknownTag(selector.key, selector.column, devices);
    case 'tag':
      return unknownTag(selector.key, selector.column, devices);
    default:
      return unreachable(selector);
  }
}

/**
 * ` Did you mean "site=oslo"?`, for behind a sentence on a selector that fits
 * no device: of the first value that no device's tag has. Empty where nothing
 * is near.
 */
export function meantInstead(selector: Selector, devices: readonly Selectable[]): string {
  switch (selector.type) {
    case 'and':
    case 'or':
      return selector.of.map((part) => meantInstead(part, devices)).find((hint) => hint !== '') ?? '';
    case 'attribute': {
      const { key, glob } = selector;
      const values = new Set(devices.flatMap((device) => attributeOf(device, key) ?? []));
      if (/[*?]/.test(glob) || [...values].some((value) => isLike(value, glob))) return '';
      const [meant] = nearest(glob, values, 1);
      return meant === undefined ? '' : ` Did you mean "${key}=${meant}"?`;
    }
    case 'all':
    case 'name':
    case 'tag':
    case 'not':
      return '';
    default:
      return unreachable(selector);
  }
}

/** How grave it is that a selector fits nothing: where devices are pulled, another system may bring or take what it asks for at any time. */
export function gravityOfMiss({ inventory }: Pick<Fleet, 'inventory'>): Problem['severity'] {
  return sourcesOf(inventory).length === 0 ? 'error' : 'warning';
}

/** The tags that a selector asks for, as it spells them. */
export function tagsAskedFor(selector: Selector): string[] {
  switch (selector.type) {
    case 'all':
    case 'name':
      return [];
    case 'not':
      return tagsAskedFor(selector.of);
    case 'and':
    case 'or':
      return selector.of.flatMap(tagsAskedFor);
    case 'attribute':
      return selector.key === 'name' || selector.key === 'kind' ? [] : [selector.key];
    case 'tag':
      return [selector.key];
    default:
      return unreachable(selector);
  }
}

function unknownDevice(name: string, column: number, devices: readonly Selectable[]): UnknownName[] {
  if (/[*?]/.test(name) || devices.some((device) => isLike(device.name, name))) return [];
  const names = devices.map((device) => device.name);
  return [{ name, column, message: `no device is named "${name}".${didYouMean(name, names)}` }];
}

const KINDS = ['board', 'room', 'desk'];

function unknownKind(kind: string, column: number): UnknownName[] {
  if (/[*?]/.test(kind) || KINDS.includes(kind.toLowerCase())) return [];
  return [
    { name: kind, column, message: `"${kind}" is no kind: board, room or desk.${didYouMean(kind, KINDS)}` },
  ];
}

function unknownTag(key: string, column: number, devices: readonly Selectable[]): UnknownName[] {
  if (devices.some((device) => tagOf(device, key) !== undefined)) return [];
  const known = new Set(devices.flatMap((device) => Object.keys(device.tags)));
  return [{ name: key, column, message: `no device has a tag "${key}".${didYouMean(key, known)}` }];
}

function attributeOf(device: Selectable, key: string): string | undefined {
  if (key === 'name') return device.name;
  if (key === 'kind') return device.kind ?? undefined;
  return tagOf(device, key);
}

function tagOf({ tags }: Selectable, key: string): string | undefined {
  if (Object.hasOwn(tags, key)) return tags[key];
  return Object.entries(tags).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}
