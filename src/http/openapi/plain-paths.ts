import { z } from 'zod';
import { TriggerBody } from '../macro-trigger.ts';
import { inputSchema } from './parameters.ts';
import type { Json, Operation } from './shapes.ts';

/** The paths that no verb stands behind. */
export function plainPaths(): Record<string, Record<string, Operation>> {
  return {
    '/healthz': {
      get: open('health', 'Whether the process lives, and how its parts do', {
        200: answer({ ok: z.boolean(), parts: z.array(PART) }),
      }),
    },
    '/readyz': {
      get: open('ready', 'Whether all that stores facts is well', {
        200: answer(READY),
        503: { ...answer(READY), description: 'Something is not well; the reasons say what.' },
      }),
    },
    '/metrics': {
      get: open('metrics', 'Metrics for Prometheus', { 200: text('text/plain', 'Prometheus text.') }),
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
            ...answer({ runs: z.array(z.string()) }),
            description: 'The runs are on record; nobody waits for them.',
          },
          400: { $ref: '#/components/responses/Problem400' },
          401: { $ref: '#/components/responses/Problem401' },
        }),
        tags: ['macros'],
        security: [{ trigger: [] }],
        parameters: [{ name: 'macro', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: { content: { 'application/json': { schema: inputSchema(TriggerBody) } } },
      },
    },
  };
}

const PART = z.strictObject({ part: z.string(), ok: z.boolean(), reason: z.string().nullable() });
const READY = { ready: z.boolean(), reasons: z.array(z.string()) };

function open(operationId: string, summary: string, responses: Readonly<Record<string, Json>>): Operation {
  return { operationId, summary, tags: ['roomd'], security: [], responses };
}

function answer(shape: z.ZodRawShape): Json {
  const { $schema: _schema, ...schema } = z.toJSONSchema(z.strictObject(shape));
  return { description: 'As it is now.', content: { 'application/json': { schema } } };
}

function text(type: string, description: string): Json {
  return { description, content: { [type]: { schema: { type: 'string' } } } };
}
