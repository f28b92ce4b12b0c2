import type { ValueSpace } from '../schema/product-schema.ts';
import type { Catalogue } from './catalogue.ts';
import { type Token, textOf } from './node-path.ts';
import type { JsonTree } from './node-tree.ts';

/** What xDoc answers for a setting or a command (JX `doc()`); null where the model has neither. */
export function describeNode(catalogue: Catalogue, path: readonly Token[]): JsonTree {
  const [tree, ...rest] = path;
  switch (String(tree).toLowerCase()) {
    case 'configuration':
      return describeSetting(catalogue, textOf(rest));
    case 'command':
      return describeCommand(catalogue, rest.join('/'));
    default:
      return null;
  }
}

function describeSetting({ settings }: Catalogue, path: string): JsonTree {
  const known = settings.get(path.toLowerCase());
  if (known === undefined) return null;
  const { valueSpace, roles } = known.spec;
  return { ValueSpace: describeSpace(valueSpace), access: 'public-api', role: [...roles] };
}

function describeCommand({ commands }: Catalogue, path: string): JsonTree {
  const spec = commands.get(path.toLowerCase());
  if (spec === undefined) return null;
  const params = spec.params.map(({ name, required, valueSpace }) => ({
    name,
    required,
    ValueSpace: valueSpace === null ? null : describeSpace(valueSpace),
  }));
  return { access: 'public-api', command: 'True', params, role: [...spec.roles] };
}

function describeSpace(space: ValueSpace): JsonTree {
  switch (space.type) {
    case 'Literal':
      return { type: space.type, values: [...space.values] };
    case 'Integer':
      return { type: space.type, min: space.min, max: space.max };
    case 'String':
      return { type: space.type, minLength: space.minLength, maxLength: space.maxLength };
    default:
      return space satisfies never;
  }
}
