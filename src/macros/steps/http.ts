import { z } from 'zod';
import { duration, formatDuration } from '../../fleet/duration.ts';
import { hasControlCharacter, integer, words } from '../../fleet/schema-forms.ts';
import { createHttpClient, HttpClientError, type HttpResponse } from '../../lib/http-client.ts';
import { type FreeContext, type Step, StepError, type StepProblem, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';
import { type HttpTarget, readTarget, refusalOf } from './http-target.ts';

/** What is kept of an answer: in the record, and for later steps. */
const RECORDED_BYTES = 500;
const TOLD_BYTES = 4_096;
const MOST_BYTES = 1_048_576;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

const HttpArguments = z.strictObject({
  method: z.enum(METHODS).default('GET').meta({ description: 'How it asks.' }),
  url: words({
    description: 'Whom it asks; http.allow must allow the host. What is filled in after the host is encoded.',
    examples: ['https://hooks.example.com/rooms?room={{device.name}}'],
  }),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: 'No secrets.', examples: [{ 'Content-Type': 'application/json' }] }),
  body: z
    .string()
    .optional()
    .meta({
      description: 'Sent as it is, with names filled in.',
      examples: ['{ "room": "{{device.name}}" }'],
    }),
  expect: z
    .array(integer().min(100, { error: 'at least 100.' }).max(599, { error: 'at most 599.' }))
    .min(1, { error: 'name at least one status.' })
    .optional()
    .meta({
      description: 'Other statuses are a failure; any is an answer when left out.',
      examples: [[200, 204]],
    }),
  within: duration('How long the answer may take.').prefault('30s'),
});

type HttpArguments = z.output<typeof HttpArguments>;

/** Headers that carry secrets, or that belong to the connection. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-auth-token'];
const OWN_HEADERS = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'keep-alive',
];

/** Asks a program over HTTP. Redirects are answers like any other and are not followed. */
export const http: Step<HttpArguments> = {
  name: 'http',
  summary: 'Asks a program over HTTP.',
  page: {
    guards: [
      'Only hosts that `http.allow` names; one at an address that is not public must be named there without `*`, and is looked at when the connection is made.',
      'Redirects are not followed. What is filled in is encoded. Headers with secrets are not supported.',
    ],
    errors: [
      'refused: the host is not allowed',
      'failed: no answer within `within`, or a status that `expect` does not name',
    ],
    example: `- http: { method: POST, url: "https://hooks.example.com/left/{{device.name}}", expect: [200, 204] }
  as: told
- log: "it answered {{steps.told.status}}"
`,
  },
  needsDevice: false,
  schema: HttpArguments,
  outputs: { status: 'int', body: 'string', ok: 'bool' },
  mayCatchUp: true,

  check({ method, url, headers, body }, context) {
    const target = readTarget(url, context.fleet.http.allow);
    return [
      ...(typeof target === 'string' ? [stepProblem(['url'], target)] : []),
      ...checkTemplate(url, context).map((problem) => stepProblem(['url'], problem)),
      ...Object.entries(headers).flatMap(([name, value]): StepProblem[] => [
        ...whyNoHeader(name).map((problem) => stepProblem(['headers', name], problem)),
        ...checkTemplate(value, context).map((problem) => stepProblem(['headers', name], problem)),
      ]),
      ...checkTemplate(body ?? '', context).map((problem) => stepProblem(['body'], problem)),
      ...(body !== undefined && (method === 'GET' || method === 'HEAD')
        ? [stepProblem(['body'], `a ${method} has no body: say \`method: POST\`, or leave it out.`)]
        : []),
    ];
  },

  waitMs: ({ within }) => within,

  describe({ method, url }, { values }) {
    const target = readTarget(url, ['*'], values);
    return `ask ${typeof target === 'string' ? url : target.origin} (${method})`;
  },

  async run(context, args) {
    const target = readTarget(args.url, context.fleet.http.allow, context.values);
    if (typeof target === 'string') throw new StepError('refused', target);
    context.assertMayAct();
    const { status, body } = await exchange(context, target, args);
    const result = `${args.method} ${target.origin} answered ${status}: ${shown(beginning(body, RECORDED_BYTES))}`;
    if (args.expect !== undefined && !args.expect.includes(status)) throw new StepError('failed', result);
    const ok = args.expect !== undefined || (status >= 200 && status < 300);
    return { result, output: { status, body: beginning(body, TOLD_BYTES), ok } };
  },
};

function whyNoHeader(name: string): string[] {
  const lower = name.toLowerCase();
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name)) return ['it is no name of a header.'];
  if (SECRET_HEADERS.includes(lower))
    return [
      'a header that carries a secret is not supported: it would stand in the file for everyone to read.',
    ];
  return OWN_HEADERS.includes(lower) ? ['it belongs to the connection, not to the request.'] : [];
}

async function exchange(
  { clock, fleet, values, signal }: FreeContext,
  target: HttpTarget,
  { method, headers, body, within }: HttpArguments,
): Promise<HttpResponse> {
  const client = createHttpClient({
    origin: target.origin,
    connections: 1,
    refuses: refusalOf(target.host, fleet.http.allow),
    clock,
  });
  try {
    return await client.request({
      method,
      path: target.path,
      headers: filledHeaders(headers, values),
      ...(body === undefined ? {} : { body: expandTemplate(body, values) }),
      deadlineMs: within,
      maxBytes: MOST_BYTES,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HttpClientError)) throw error;
    if (error.cause instanceof StepError) throw error.cause;
    const why = error.code === 'deadline' ? `no answer within ${formatDuration(within)}` : error.message;
    throw new StepError('failed', `${method} ${target.origin}: ${why}`, { cause: error });
  } finally {
    await client.close();
  }
}

function filledHeaders(
  headers: HttpArguments['headers'],
  values: FreeContext['values'],
): Record<string, string> {
  const filled = Object.entries(headers).map(
    ([name, value]) => [name, expandTemplate(value, values)] as const,
  );
  const broken = filled.find(([, value]) => hasControlCharacter(value));
  if (broken !== undefined)
    throw new StepError(
      'failed',
      `the header ${broken[0]} would hold a line break or another control character`,
    );
  return Object.fromEntries(filled);
}

/** So many bytes of it as text; a character that the cut divides is left out. */
function beginning(body: Buffer, bytes: number): string {
  return new TextDecoder().decode(body.subarray(0, bytes), { stream: true });
}

function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line === '' ? 'nothing' : line;
}
