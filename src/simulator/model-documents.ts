import type { CommandSpec, ParamSpec, ValueSpace } from '../schema/product-schema.ts';
import type { Catalogue, KnownSetting } from './catalogue.ts';
import type { ConfigurationStore } from './configuration-store.ts';
import { nest } from './node-tree.ts';
import { CONFIGURATION_STYLE, escapeXml, writeChildren, xmlDocument } from './xml-writer.ts';

const HOLE = '\u0000';

/**
 * The whole documents that are the same for all devices of a model, each made
 * once when first asked for. /configuration.xml is kept as the text between the
 * values, so that a device's own is a matter of joining.
 */
export class ModelDocuments {
  readonly #catalogue: Catalogue;
  #configuration: { pieces: string[]; order: KnownSetting[] } | null = null;
  #valueSpaces: string | null = null;
  #commands: string | null = null;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** /configuration.xml of a device. */
  configuration(store: ConfigurationStore): string {
    const { pieces, order } = (this.#configuration ??= this.#cutConfiguration());
    let text = pieces[0] ?? '';
    order.forEach((known, at) => {
      text += escapeXml(store.shown(known)) + (pieces[at + 1] ?? '');
    });
    return text;
  }

  /** /valuespace.xml. */
  valueSpaces(): string {
    return (this.#valueSpaces ??= this.#document(
      'Valuespace',
      [...this.#catalogue.valueSpaces]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, space]) => writeValueSpace(name, space, '  '))
        .join(''),
    ));
  }

  /** /command.xml. */
  commands(): string {
    return (this.#commands ??= this.#document(
      'Command',
      writeCommands([...this.#catalogue.commands.values()], 0),
    ));
  }

  #cutConfiguration(): { pieces: string[]; order: KnownSetting[] } {
    const order: KnownSetting[] = [];
    const { settings } = this.#catalogue;
    const leaves = [...settings.values()].map(({ path, valueSpaceRef }) => ({
      path,
      value: '',
      valueSpaceRef,
    }));
    const inner = writeChildren(nest(leaves), {
      ...CONFIGURATION_STYLE,
      textOf: ({ path }) => {
        const known = settings.get(path.text.toLowerCase());
        if (known !== undefined) order.push(known);
        return HOLE;
      },
    });
    return { pieces: this.#document('Configuration', inner).split(HOLE), order };
  }

  #document(root: string, inner: string): string {
    return xmlDocument(root, { product: 'Cisco Codec', software: this.#catalogue.model.software }, inner);
  }
}

function writeValueSpace(name: string, space: ValueSpace, indent: string): string {
  return `${indent}<${name} type="${space.type}">\n${valueSpaceParts(space, `${indent}  `)}${indent}</${name}>\n`;
}

/** The shape captured from a Room Bar (AV). */
function valueSpaceParts(space: ValueSpace, indent: string): string {
  const line = (tag: string, value: number | null): string =>
    value === null ? '' : `${indent}<${tag}>${value}</${tag}>\n`;
  switch (space.type) {
    case 'Integer':
      return line('Max', space.max) + line('Min', space.min) + line('Step', space.step ?? 1);
    case 'String':
      return line('MaxLength', space.maxLength) + line('MinLength', space.minLength);
    case 'Literal':
      return space.values
        .map((value, at) => `${indent}<Value item="${at + 1}">${escapeXml(value)}</Value>\n`)
        .join('');
    default:
      return space satisfies never;
  }
}

/** Commands below one another by their names; the shape is that of ce9.6.1 (HL). */
function writeCommands(specs: readonly CommandSpec[], depth: number): string {
  const indent = '  '.repeat(depth + 1);
  const groups = new Map<string, CommandSpec[]>();
  for (const spec of specs) {
    const name = spec.path[depth] ?? '';
    groups.set(name, [...(groups.get(name) ?? []), spec]);
  }
  let text = '';
  for (const [name, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = group;
    if (first !== undefined && group.length === 1 && first.path.length === depth + 1) {
      const multiline = first.multiline ? ' multiline="True"' : '';
      const params = first.params.map((param) => writeParam(param, `${indent}  `)).join('');
      text += `${indent}<${name} command="True" role="${first.roles.join(';')}"${multiline}>\n${params}${indent}</${name}>\n`;
    } else text += `${indent}<${name}>\n${writeCommands(group, depth + 1)}${indent}</${name}>\n`;
  }
  return text;
}

function writeParam(param: ParamSpec, indent: string): string {
  const standard = param.default === null ? '' : ` default="${escapeXml(param.default)}"`;
  const required = param.required ? 'True' : 'False';
  const space =
    param.valueSpace === null
      ? ''
      : `${indent}  <ValueSpace type="${param.valueSpace.type}">\n${valueSpaceParts(param.valueSpace, `${indent}    `)}${indent}  </ValueSpace>\n`;
  return `${indent}<${param.name} item="1" required="${required}"${standard}>\n${space}${indent}</${param.name}>\n`;
}
