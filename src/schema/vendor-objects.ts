import { unreachable } from '../lib/errors.ts';
import { type PathPattern, parsePattern } from './path-pattern.ts';
import type { CommandSpec, ParamSpec, SettingSpec, StatusSpec, ValueSpace } from './product-schema.ts';
import type {
  VendorCommand,
  VendorConfiguration,
  VendorParam,
  VendorStatus,
  VendorValueSpace,
} from './vendor-file.ts';

const LIST_DEFAULT = /^(?:(?:\[\d+\])+: .*?; )+$/s;
const LIST_ENTRY = /((?:\[\d+\])+): (.*?); (?=\[|$)/gs;

export function readSetting({ path, attributes }: VendorConfiguration): SettingSpec {
  const pattern = parsePattern(path);
  return {
    path: pattern,
    valueSpace: readValueSpace(attributes.valuespace),
    defaults: readDefaults(attributes.default ?? null, pattern),
    roles: attributes.role,
    hidden: attributes.hide_value === 'True',
  };
}

export function readStatus({ path, attributes }: VendorStatus): StatusSpec {
  return {
    path: parsePattern(path),
    valueSpace: attributes.valuespace === undefined ? null : readValueSpace(attributes.valuespace),
  };
}

export function readCommand({ path, attributes }: VendorCommand): CommandSpec {
  return {
    path: parsePattern(path).map(({ name }) => name),
    params: attributes.params.map(readParam),
    multiline: attributes.multiline === 'True',
    roles: attributes.role,
  };
}

/** A default outside the argument's own value space (`CallId` -1, "the active call") is kept: the device applies it itself. */
function readParam({ name, required, valuespace, default: fallback }: VendorParam): ParamSpec {
  return {
    name,
    required,
    valueSpace: readValueSpace(valuespace),
    default: fallback ?? null,
    repeat: valuespace.multiple === undefined ? null : Number(valuespace.multiple),
  };
}

function readValueSpace(space: VendorValueSpace): ValueSpace {
  switch (space.type) {
    case 'Literal':
    case 'LiteralArray':
      return { type: 'Literal', values: space.Values };
    case 'Integer':
    case 'IntegerArray': {
      const min = numberOr(space.Min, null);
      const max = numberOr(space.Max, null);
      return { type: 'Integer', min, max, step: readStep(numberOr(space.Step, null), min, max) };
    }
    case 'String':
    case 'StringArray':
      return {
        type: 'String',
        minLength: numberOr(space.MinLength, 0),
        maxLength: numberOr(space.MaxLength, null),
      };
    default:
      return unreachable(space);
  }
}

/**
 * Every configuration of the known files gives its Max as Step, even -24..0
 * or 576..1500, where devices take any integer of the range; such a step, and
 * one that leads out of the range at once, is none. A step of 1 says nothing.
 */
function readStep(step: number | null, min: number | null, max: number | null): number | null {
  if (step === null || step <= 1 || step === max) return null;
  return min !== null && max !== null && min + step > max ? null : step;
}

/**
 * Defaults that differ by index come as `[1]: Off; [2]: On; `, with two rules
 * found in the files: a list that is as long as the pattern's range counts
 * positions (`HDMI[2..5]` has `[1]` to `[4]`), any other list names wire ids,
 * of which those outside the range belong to no path and are dropped.
 */
function readDefaults(text: string | null, pattern: PathPattern): SettingSpec['defaults'] {
  if (text === null || !LIST_DEFAULT.test(text)) return { all: text, byIndex: {} };
  const entries = [...text.matchAll(LIST_ENTRY)].map(([, ids = '', value = '']) => ({
    ids: ids.slice(1, -1).split('][').map(Number),
    value,
  }));
  const ranges = pattern.flatMap(({ index }) => (index === null ? [] : [index]));
  const [only] = ranges;
  const first = only?.first ?? 1;
  const counted = ranges.length === 1 && only?.last === first + entries.length - 1;
  const byIndex: Record<string, string> = {};
  for (const { ids, value } of entries) {
    const wireIds = counted ? ids.map((id) => id + first - 1) : ids;
    const fits =
      wireIds.length === ranges.length &&
      wireIds.every((id, at) => id >= (ranges[at]?.first ?? 1) && id <= (ranges[at]?.last ?? Infinity));
    if (fits) byIndex[wireIds.join('.')] = value;
  }
  return { all: null, byIndex };
}

function numberOr<Other>(text: string | undefined, other: Other): number | Other {
  return text === undefined ? other : Number(text);
}
