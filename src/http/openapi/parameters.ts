import { z } from 'zod';
import type { Action } from '../../actions/action.ts';
import type { Json, Parameter } from './shapes.ts';

interface Taken {
  readonly parameters: readonly Parameter[];
  /** Null: there is no body. */
  readonly body: Json | null;
}

/** What an operation takes: in its path, in its query (GET) or body (POST), and in headers. */
export function parametersOf({ http, input, sparse, streams }: Action): Taken {
  const { properties = {}, required = [], ...rest } = inputSchema(input);
  const inPath = new Set([...http.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name));
  const isGet = http.method === 'GET';
  const fields = Object.entries(properties);
  const parameters: Parameter[] = fields
    .filter(([name]) => inPath.has(name) || isGet)
    .map(([name, schema]) =>
      parameterOf(name, schema, { isPath: inPath.has(name), isRequired: required.includes(name) }),
    );
  if (sparse !== undefined) parameters.push(FIELDS);
  if (isGet) parameters.push(IF_NONE_MATCH);
  if (streams === 'events') parameters.push(LAST_EVENT_ID);
  if (!isGet && properties['fingerprint'] !== undefined) parameters.push(IF_MATCH);
  if (isGet) return { parameters, body: null };
  parameters.push(CSRF);
  const needed = required.filter((name) => !inPath.has(name));
  return {
    parameters,
    body: {
      ...rest,
      properties: Object.fromEntries(fields.filter(([name]) => !inPath.has(name))),
      ...(needed.length === 0 ? {} : { required: needed }),
    },
  };
}

interface ObjectSchema extends Json {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

/** What a verb takes, as JSON Schema. */
export function inputSchema(input: z.ZodType): ObjectSchema {
  const { $schema: _schema, ...schema } = z.toJSONSchema(input, {
    io: 'input',
    override({ jsonSchema }) {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return schema as ObjectSchema;
}

function parameterOf(
  name: string,
  schema: Json,
  { isPath, isRequired }: { isPath: boolean; isRequired: boolean },
): Parameter {
  const { description, ...rest } = withoutNull(schema);
  return {
    name,
    in: isPath ? 'path' : 'query',
    required: isPath || isRequired,
    ...(typeof description === 'string' ? { description } : {}),
    schema: rest,
  };
}

/** A query cannot say null: there, what is absent stands for it. Of yes and no the words are told, not how they are read. */
export function withoutNull(schema: Json): Json {
  const { anyOf, type, default: standard, $schema: _schema, ...rest } = schema;
  const kept = standard === null || standard === undefined ? rest : { ...rest, default: standard };
  const types = Array.isArray(type) ? type.filter((one) => one !== 'null') : type === undefined ? [] : [type];
  if (types.includes('boolean')) return { ...kept, type: 'boolean' };
  if (!Array.isArray(anyOf))
    return types.length === 0 ? kept : { ...kept, type: types.length === 1 ? types[0] : types };
  const some = anyOf.filter((one: Json) => one['type'] !== 'null');
  if (some.some((one: Json) => one['type'] === 'boolean')) return { ...kept, type: 'boolean' };
  return some.length === 1 ? { ...kept, ...(some[0] as Json) } : { ...kept, anyOf: some };
}

const FIELDS: Parameter = {
  name: 'fields',
  in: 'query',
  required: false,
  description: 'Only these fields of each item, with commas between them.',
  schema: { type: 'string' },
};

const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The ETag of an answer that is at hand; 304 while it still holds.',
  schema: { type: 'string' },
};

const IF_MATCH: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description:
    'The fingerprint of what was seen before, in quotes, instead of `fingerprint`; 412 where it is another by now.',
  schema: { type: 'string' },
};

export const CSRF: Parameter = {
  name: 'X-CSRF-Token',
  in: 'header',
  required: false,
  description: 'With the cookie: `csrf` of `GET /api/v1/session`.',
  schema: { type: 'string' },
};

const LAST_EVENT_ID: Parameter = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'Of a stream: go on after this event, instead of `after`.',
  schema: { type: 'string' },
};
