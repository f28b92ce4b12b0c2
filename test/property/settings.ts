import type { SettingSpec } from '../../src/schema/product-schema.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';
import { fc } from '../feedback/fast-check.ts';

/** Trees by which a device cuts off the one who writes them. */
const CUTS_OFF = ['Network', 'NetworkServices', 'Security', 'UserManagement'];

/** Settings that a device takes from an administrator without cutting him off. */
export function writable({ schema }: DeviceModel): SettingSpec[] {
  return schema.settings.filter(
    ({ path, roles, valueSpace }) =>
      !CUTS_OFF.includes(path[0]?.name ?? '') &&
      roles.includes('Admin') &&
      (valueSpace.type !== 'String' || valueSpace.minLength <= 1),
  );
}

export interface AnySetting {
  readonly path: string;
  readonly value: string;
  readonly hidden: boolean;
}

/** A setting with a value that the device accepts. */
export function anySetting(specs: readonly SettingSpec[]): fc.Arbitrary<AnySetting> {
  return fc
    .constantFrom(...specs)
    .chain((spec) =>
      fc.record({ path: pathOf(spec), value: valueOf(spec), hidden: fc.constant(spec.hidden) }),
    );
}

/** An open list has its first member only, in the simulator too. */
function pathOf({ path }: SettingSpec): fc.Arbitrary<string> {
  const names = path.map(({ name, index }) =>
    index === null
      ? fc.constant(name)
      : fc.integer({ min: index.first ?? 1, max: index.last ?? 1 }).map((id) => `${name}[${id}]`),
  );
  return fc.tuple(...names).map((segments) => segments.join('.'));
}

function valueOf({ valueSpace }: SettingSpec): fc.Arbitrary<string> {
  switch (valueSpace.type) {
    case 'Literal':
      return fc.constantFrom(...valueSpace.values);
    case 'Integer': {
      const { min, max } = valueSpace;
      const numbers = fc.integer({ min: min ?? 0, max: max ?? 1_000 });
      return fc
        .tuple(numbers, fc.constantFrom('', '0'))
        .map(([number, zero]) => (number < 0 ? String(number) : `${zero}${number}`));
    }
    case 'String': {
      const { minLength, maxLength } = valueSpace;
      return fc
        .string({
          unit: fc.constantFrom('a', 'Z', ' ', '&', '<', '"', "'", ']]>', 'å', '€', '😀', '*'),
          minLength,
          maxLength: 12,
        })
        .filter((text) => Buffer.byteLength(text) <= (maxLength ?? 100));
    }
    default:
      return valueSpace satisfies never;
  }
}
