import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { afterEach, describe, expect, it } from 'vitest';
import { type MeetingsStandIn, startMeetingsStandIn } from '../../../src/simulator/cloud/meetings.ts';

const root = process.env['ROOMD_FIXTURES'];
const folder = root === undefined ? '' : join(root, 'cloud/webex-openapi');
if (root === undefined) {
  console.log(
    'ROOMD_FIXTURES is not set: the stand-in for Webex Meetings is not held to the published specification',
  );
}

/** The operations that the clients use: file of the examples, method, path in the specification. */
const OPERATIONS = [
  { file: 'POST_meetings', method: 'post', path: '/meetings' },
  { file: 'GET_meetings', method: 'get', path: '/meetings' },
  { file: 'GET_meetings_meetingId', method: 'get', path: '/meetings/{meetingId}' },
  { file: 'PATCH_meetings_meetingId', method: 'patch', path: '/meetings/{meetingId}' },
  { file: 'PUT_meetings_meetingId', method: 'put', path: '/meetings/{meetingId}' },
  { file: 'GET_meetingInvitees', method: 'get', path: '/meetingInvitees' },
  { file: 'POST_meetingInvitees', method: 'post', path: '/meetingInvitees' },
];

/** Where published examples break their own schema: the questions of a registration form have their numbers as strings. */
const DEFECTS: Readonly<Record<string, RegExp>> = {
  'POST_meetings.200.example.json': /^\/registration\/customizedQuestions\/.*\/id must be number$/,
  'GET_meetings_meetingId.200.example.json': /^\/registration\/customizedQuestions\/.*\/id must be number$/,
};

let standIn: MeetingsStandIn | undefined;
afterEach(() => standIn?.stop());

function specification(): object {
  return JSON.parse(readFileSync(join(folder, 'subset-meeting.json'), 'utf8')) as object;
}

/** The schema of an operation's answer, or of what it takes. */
function validatorFor({ method, path }: { method: string; path: string }, part: string): ValidateFunction {
  // Not strict: OpenAPI has keywords that JSON Schema does not know.
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(specification(), 'spec');
  const pointer = ['paths', path, method, ...part.split(' ')].map((step) =>
    encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return ajv.compile({ $ref: `spec#/${pointer.join('/')}` });
}

function answerPart(status: number): string {
  return `responses ${status} content application/json;charset=UTF-8 schema`;
}

function problemsOf(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}

function example(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'meeting', name), 'utf8'));
}

/** A stand-in with one meeting and one invitee, and what it answers to an operation. */
async function answerOf(operation: (typeof OPERATIONS)[number]): Promise<{ status: number; body: unknown }> {
  standIn = await startMeetingsStandIn({
    accounts: [
      { webExId: 'ada', email: 'ada@example.com', displayName: 'Ada', password: 'p', tokens: ['token'] },
    ],
  });
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${standIn?.restUrl}${path}`, {
      method: method.toUpperCase(),
      headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: await response.json() };
  };
  const plan = {
    title: 'Stand-up',
    password: 'Sesame-1',
    start: '2033-03-04 08:00:00',
    end: '2033-03-04 09:00:00',
    timezone: 'Asia/Shanghai',
    invitees: [{ email: 'bob@example.com' }],
  };
  const made = await send('post', '/meetings', plan);
  const { id } = made.body as { id: string };
  if (operation.file === 'POST_meetings') return made;
  const path = operation.path.replace('{meetingId}', id);
  if (operation.file === 'GET_meetings') return send('get', `${path}?from=2033-03-01&to=2033-03-08`);
  if (operation.file === 'GET_meetingInvitees') return send('get', `${path}?meetingId=${id}`);
  const invitation = { meetingId: id, email: 'carl@example.com' };
  const isChange = operation.method === 'patch' || operation.method === 'put';
  return send(operation.method, path, operation.method === 'get' ? undefined : isChange ? plan : invitation);
}

describe('the published specification of Webex Meetings', () => {
  it.skipIf(root === undefined)('is where ROOMD_FIXTURES says', () => {
    expect(existsSync(folder), `${folder} is missing`).toBe(true);
  });

  it.skipIf(root === undefined).each(OPERATIONS)(
    'is kept by what the stand-in answers to $method $path',
    async (operation) => {
      const { status, body } = await answerOf(operation);
      expect(status).toBe(200);
      expect(problemsOf(validatorFor(operation, answerPart(200)), body)).toEqual([]);
    },
  );

  it.skipIf(root === undefined).each(OPERATIONS)(
    'is kept by its own examples of $method $path, but for named defects',
    (operation) => {
      const names = readdirSync(join(folder, 'meeting')).filter((name) =>
        name.startsWith(`${operation.file}.`),
      );
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const kind = name.split('.')[1] ?? '';
        const mediaType = operation.method === 'patch' ? 'application/json-patch+json' : 'application/json';
        const part =
          kind === 'request' ? `requestBody content ${mediaType} schema` : answerPart(Number(kind));
        const problems = problemsOf(validatorFor(operation, part), example(name));
        const defect = DEFECTS[name];
        expect(
          problems.filter((problem) => defect?.test(problem) !== true),
          `of ${name}`,
        ).toEqual([]);
        expect(problems.length > 0, `${name} breaks its schema`).toBe(defect !== undefined);
      }
    },
  );

  it.skipIf(root === undefined)('is seen to be broken by an answer that breaks it', async () => {
    const operation = OPERATIONS[0];
    if (operation === undefined) throw new Error('there are no operations');
    const { body } = await answerOf(operation);
    const problems = problemsOf(validatorFor(operation, answerPart(200)), {
      ...(body as object),
      title: 7,
      hostKey: undefined,
    });
    expect(problems).toEqual(["/ must have required property 'hostKey'", '/title must be string']);
  });

  it.skipIf(root === undefined)('has the errors that the stand-in answers', async () => {
    await answerOf(OPERATIONS[0] ?? { file: 'POST_meetings', method: 'post', path: '/meetings' });
    const refused = await fetch(`${standIn?.restUrl}/meetings`, {
      method: 'POST',
      headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
      body: '{"title":""}',
    });
    expect(refused.status).toBe(400);
    const problems = problemsOf(
      validatorFor({ method: 'post', path: '/meetings' }, answerPart(400)),
      await refused.json(),
    );
    expect(problems).toEqual([]);
  });
});
