import { z } from 'zod';
import { SESSION_COOKIE } from '../cookie.ts';
import { TriggerBody } from '../macro-trigger.ts';
import { SessionEnded, ShownSession, SignInBody } from '../session-routes.ts';
import { CSRF, inputSchema } from './parameters.ts';
import { guarded } from './security.ts';
import type { Json, Operation } from './shapes.ts';

/** The paths that no verb stands behind. */
export function plainPaths(): Record<string, Record<string, Operation>> {
  return {
    '/healthz': {
      get: open('health', 'Whether the process lives, and how its parts do', {
        200: answer(z.strictObject({ ok: z.boolean(), parts: z.array(PART) })),
      }),
    },
    '/readyz': {
      get: open('ready', 'Whether all that stores facts is well', {
        200: answer(READY),
        503: { ...answer(READY), description: 'Something is not well; the reasons say what.' },
      }),
    },
    '/metrics': {
      get: {
        ...open('metrics', 'Metrics for Prometheus; not for who is limited to some devices', {
          200: text('text/plain', 'Prometheus text.'),
          ...problems(401, 403, 414, 429, 503),
        }),
        security: guarded('viewer'),
        'x-role': 'viewer',
      },
    },
    '/api/v1/session': {
      get: {
        ...open('session', 'Who asks', {
          200: answer(ShownSession),
          ...problems(401, 403, 414, 429, 503),
        }),
        tags: ['session'],
        security: guarded('viewer'),
      },
      post: {
        ...open('session.begin', 'Sign a browser in; the answer sets the cookie', {
          200: {
            ...answer(ShownSession),
            headers: {
              'Set-Cookie': { description: `\`${SESSION_COOKIE}\`.`, schema: { type: 'string' } },
            },
          },
          ...problems(400, 401, 403, 409, 413, 414, 415, 429, 500, 503),
        }),
        tags: ['session'],
        requestBody: bodyOf(SignInBody),
      },
    },
    '/api/v1/session/end': {
      post: {
        ...open('session.end', 'Sign the browser out; the cookie is taken back', {
          200: answer(SessionEnded),
          ...problems(400, 401, 403, 413, 414, 415, 429, 500, 503),
        }),
        tags: ['session'],
        security: guarded('viewer'),
        parameters: [CSRF],
        requestBody: bodyOf(z.strictObject({})),
      },
    },
    '/openapi.json': {
      get: open('openapi', 'This document', {
        200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
      }),
    },
    '/api': { get: open('api', 'This document as a page', { 200: text('text/html', 'For people.') }) },
    '/api/v1/macros/{macro}/trigger': {
      post: {
        ...open('macros.trigger', "Set off a macro that has an http trigger, with the trigger's own token", {
          202: {
            ...answer(z.strictObject({ runs: z.array(z.string()) })),
            description: 'The runs are on record; nobody waits for them.',
          },
          ...problems(400, 401, 409, 413, 414, 415, 429, 500, 503),
        }),
        tags: ['macros'],
        security: [{ trigger: [] }],
        parameters: [{ name: 'macro', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: bodyOf(TriggerBody),
      },
    },
  };
}

const PART = z.strictObject({ part: z.string(), ok: z.boolean(), reason: z.string().nullable() });
const READY = z.strictObject({ ready: z.boolean(), reasons: z.array(z.string()) });

function open(operationId: string, summary: string, responses: Readonly<Record<string, Json>>): Operation {
  return { operationId, summary, tags: ['roomd'], security: [], responses };
}

function answer(shape: z.ZodObject): Json {
  const { $schema: _schema, ...schema } = z.toJSONSchema(shape);
  return { description: 'As it is now.', content: { 'application/json': { schema } } };
}

function bodyOf(body: z.ZodType): Json {
  return { required: true, content: { 'application/json': { schema: inputSchema(body) } } };
}

function problems(...statuses: readonly number[]): Record<string, Json> {
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
  );
}

function text(type: string, description: string): Json {
  return { description, content: { [type]: { schema: { type: 'string' } } } };
}
