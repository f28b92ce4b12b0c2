/** A JSON Schema (draft-7) as a plain value; only what is looked up in it is typed. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * A place in a fleet file as its JSON Schema knows it: all the schemas that may
 * hold there, references and unions unfolded. Places are made once and shared
 * by everything that stands at them.
 */
export class SchemaCursor {
  /** The names that a map here declares. */
  readonly names: ReadonlySet<string>;
  /**
   * Whether a scalar here is taken as it is written. A schema that offers text
   * and numbers as alternatives wants to know which it was, unless it names
   * them in one breath (`type: [string, number]`), as `words` does.
   */
  readonly takesText: boolean;
  readonly #root: JsonSchema;
  readonly #schemas: readonly JsonSchema[];
  readonly #declared = new Map<string, SchemaCursor>();
  #item: SchemaCursor | null = null;
  #undeclared: SchemaCursor | null = null;

  constructor(root: JsonSchema, schemas: readonly JsonSchema[] = [root]) {
    this.#root = root;
    this.#schemas = schemas.flatMap((schema) => unfold(schema, root));
    this.names = new Set(
      this.#schemas.flatMap(({ properties }) => (isSchema(properties) ? Object.keys(properties) : [])),
    );
    this.takesText = takesText(this.#schemas.map(({ type }) => type));
  }

  at(path: readonly (string | number)[]): SchemaCursor {
    return path.reduce<SchemaCursor>(
      (here, step) => (typeof step === 'number' ? here.item() : here.child(step)),
      this,
    );
  }

  child(name: string): SchemaCursor {
    if (!this.names.has(name)) {
      this.#undeclared ??= this.#below(({ additionalProperties }) => additionalProperties);
      return this.#undeclared;
    }
    const known = this.#declared.get(name);
    if (known !== undefined) return known;
    const cursor = this.#below(({ properties }) => (isSchema(properties) ? properties[name] : undefined));
    this.#declared.set(name, cursor);
    return cursor;
  }

  item(): SchemaCursor {
    this.#item ??= this.#below(({ items }) => items);
    return this.#item;
  }

  /** What one would write here, null where no example is given. */
  example(): unknown {
    for (const { examples } of this.#schemas)
      if (Array.isArray(examples) && examples.length > 0) return examples[0];
    return null;
  }

  #below(pick: (schema: JsonSchema) => unknown): SchemaCursor {
    return new SchemaCursor(this.#root, this.#schemas.map(pick).filter(isSchema));
  }
}

function takesText(types: readonly unknown[]): boolean {
  if (types.some((type) => Array.isArray(type) && type.includes('string'))) return true;
  return types.includes('string') && !types.some((type) => OTHER_SCALARS.has(type));
}

const OTHER_SCALARS: ReadonlySet<unknown> = new Set(['number', 'integer', 'boolean']);

function unfold(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const { $ref: reference, anyOf, oneOf, allOf } = schema;
  const definitions = root['definitions'];
  const target =
    typeof reference === 'string' && isSchema(definitions)
      ? definitions[reference.replace('#/definitions/', '')]
      : undefined;
  const members = [
    target,
    ...[anyOf, oneOf, allOf].flatMap((list): unknown[] => (Array.isArray(list) ? list : [])),
  ];
  return [schema, ...members.filter(isSchema).flatMap((member) => unfold(member, root))];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
