import { z } from 'zod';
import type { Action } from '../../actions/action.ts';
import { components } from '../../actions/answers.ts';
import { PROBLEM_STATUS, type ProblemStatus } from '../problem.ts';
import { parametersOf } from './parameters.ts';
import { plainPaths } from './plain-paths.ts';
import { guarded, SECURITY_SCHEMES } from './security.ts';
import type { Json, OpenApiDocument, Operation } from './shapes.ts';

/**
 * The HTTP API as an OpenAPI 3.1 document, made of the definitions by which
 * verbs read their input and say their answer. It tells nothing of any fleet.
 */
export function openApiDocument(actions: readonly Action[], version: string): OpenApiDocument {
  const schemas = schemasOf(actions);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const action of actions) {
    const path = `/api/v1${action.http.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [action.http.method.toLowerCase()]: operationOf(action) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'roomd',
      version,
      description:
        'Everything that roomd knows and does. Times are RFC 3339 in UTC, intervals half-open; whatever goes wrong is a problem of RFC 9457 with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This daemon.' }],
    security: [{ token: [] }, { cookie: [] }],
    paths: { ...paths, ...plainPaths() },
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: { ...schemas, Problem: problemSchema() },
      responses: Object.fromEntries(
        Object.entries(PROBLEM_STATUS)
          // Nobody who goes by the document asks by a wrong method.
          .filter(([status]) => status !== '405')
          .map(([status, known]) => [`Problem${status}`, problemResponse(known)]),
      ),
      headers: {
        RequestId: {
          description: 'Names this request, also in problems and in the log.',
          schema: { type: 'string' },
        },
        ETag: {
          description: 'Of this answer; send it as `If-None-Match` to have 304 while nothing changed.',
          schema: { type: 'string' },
        },
      },
    },
  };
}

function operationOf(action: Action): Operation {
  const { name, summary, role, http } = action;
  const [, tag = ''] = http.path.split('/');
  const { parameters, body } = parametersOf(action);
  return {
    operationId: name,
    summary: summary.slice(0, 1).toUpperCase() + summary.slice(1).replace(/\.$/, ''),
    tags: [tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: responsesOf(action),
    security: guarded(role),
    'x-role': role,
  };
}

function responsesOf(action: Action): Record<string, Json> {
  const isGet = action.http.method === 'GET';
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(isGet ? { ETag: { $ref: '#/components/headers/ETag' } } : {}),
  };
  const statuses = [400, 401, 403, 404, 409, ...(isGet ? [] : [412, 413, 415]), 414, 429, 500, 503];
  return {
    200: { description: 'Done.', headers, content: contentOf(action) },
    ...(isGet ? { 304: { description: 'It is as the ETag that was sent says.', headers } } : {}),
    ...Object.fromEntries(
      statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
    ),
  };
}

function contentOf(action: Action): Record<string, Json> {
  const json = { schema: { $ref: `#/components/schemas/${idOf(action.answer)}` } };
  return {
    'application/json':
      action.sparse === undefined ? json : { schema: { anyOf: [json.schema, sparseList(action.sparse)] } },
    ...(action.streams === 'rows'
      ? {
          'text/csv': {
            schema: { type: 'string', description: 'A line of names, then a line a row; RFC 4180.' },
          },
          'application/x-ndjson': {
            schema: { type: 'string', description: 'One object a line, as in `items`.' },
          },
        }
      : {}),
    ...(action.streams === 'events'
      ? {
          'text/event-stream': {
            schema: {
              type: 'string',
              description: 'Server-sent events: `data` is one of `items`, `id` its `seq`.',
            },
          },
        }
      : {}),
  };
}

/** A list whose items were cut to some fields. */
function sparseList(item: z.ZodType): Json {
  return {
    type: 'object',
    properties: {
      items: { type: 'array', items: { $ref: `#/components/schemas/${idOf(item)}` } },
      nextCursor: { type: ['string', 'null'] },
    },
    required: ['items', 'nextCursor'],
    additionalProperties: false,
  };
}

/** Every shape that has a name, and the answers, under the names that they get. */
function schemasOf(actions: readonly Action[]): Record<string, Json> {
  for (const { name, answer, sparse } of actions) {
    if (!components.has(answer)) components.add(answer, { id: `${pascal(name)}Answer` });
    if (sparse !== undefined && !components.has(sparse))
      components.add(sparse, { id: `${pascal(name)}Fields` });
  }
  const { schemas } = z.toJSONSchema(components, {
    uri: (id) => `#/components/schemas/${id}`,
    override({ jsonSchema }) {
      delete jsonSchema.readOnly;
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.type === 'integer') withoutBounds(jsonSchema);
    },
  });
  return Object.fromEntries(
    Object.entries(schemas)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema as Json]),
  );
}

/** That a number is one that JavaScript can count to says nothing of the API. */
function withoutBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function idOf(schema: z.ZodType): string {
  const known = components.get(schema);
  if (known === undefined) throw new Error('an answer has no name');
  return known.id;
}

/** `retire.plan` → `RetirePlan`. */
function pascal(name: string): string {
  return name
    .split(/[.-]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

function problemSchema(): Json {
  const { $schema: _schema, ...schema } = z.toJSONSchema(
    z.strictObject({
      type: z.literal('about:blank'),
      title: z.string(),
      status: z.int().min(400).max(599),
      code: z.string().describe('Stable; docs/errors.md lists them all.'),
      detail: z.string().describe('A sentence for people.'),
      requestId: z.string().describe('As in the header `X-Request-Id`.'),
      issues: z
        .array(z.strictObject({ path: z.string(), message: z.string() }))
        .optional()
        .describe('What is wrong with the input, by field.'),
    }),
  );
  return schema;
}

function problemResponse({ title, codes }: ProblemStatus): Json {
  return {
    description: `${title}: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    'x-codes': codes,
  };
}
