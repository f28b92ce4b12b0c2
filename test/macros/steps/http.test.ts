import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import type { StepResult } from '../../../src/macros/step.ts';
import { http } from '../../../src/macros/steps/http.ts';
import { refusalOf } from '../../../src/macros/steps/http-target.ts';
import { type JsonServer, jsonServer } from '../../support/json-server.ts';
import { problemsOf, sampleFleet } from '../sample-fleet.ts';
import { stepRoom } from '../step-context.ts';

/** In real time, as the server lives in it. */
async function ask(args: object, allow: readonly string[] = ['127.0.0.1']): Promise<StepResult | Error> {
  const { context } = stepRoom();
  const real = { ...context, clock: systemClock(), fleet: sampleFleet({ http: allow }) };
  return await http.run(real, http.schema.parse(args)).catch((error: Error) => error);
}

function named({ url }: JsonServer): string {
  return url.replace('127.0.0.1', 'localhost');
}

function problems(args: object, allow = ['hooks.example.com']): string[] {
  const macros = [{ name: 'm', devices: 'all', steps: [{ http: args }] }];
  return problemsOf(sampleFleet({ macros, http: allow })).map((problem) =>
    problem.replace('macros[0].steps[0].http.', ''),
  );
}

describe('http', () => {
  it('asks and tells what was answered', async () => {
    const server = await jsonServer();
    server.answer = { status: 201, body: '{"lights":\n"on"}' };
    const outcome = await ask({
      method: 'POST',
      url: `${server.url}/rooms?name={{device.name}}&q={{tags.site}}`,
      headers: { 'Content-Type': 'application/json', 'X-Room': '{{device.name}}' },
      body: '{ "room": "{{device.name}}" }',
    });
    expect(outcome).toEqual({
      result: `POST ${server.url} answered 201: {"lights": "on"}`,
      output: { status: 201, body: '{"lights":\n"on"}', ok: true },
    });
    expect(server.posts).toMatchObject([
      {
        path: '/rooms?name=boardroom-1&q=oslo',
        headers: { 'content-type': 'application/json', 'x-room': 'boardroom-1' },
        body: '{ "room": "boardroom-1" }',
      },
    ]);
  });

  it('takes any status for an answer, and only those expected where some are', async () => {
    const server = await jsonServer();
    server.answer = { status: 500, body: 'broken' };
    expect(await ask({ url: server.url })).toMatchObject({ output: { status: 500, ok: false } });
    expect(await ask({ url: server.url, expect: [500] })).toMatchObject({ output: { ok: true } });
    expect(await ask({ url: server.url, expect: [200] })).toMatchObject({
      code: 'failed',
      message: `GET ${server.url} answered 500: broken`,
    });
  });

  it('lets nothing that is filled in climb in the path', async () => {
    const server = await jsonServer();
    const values = new Map([
      ['trigger.value', '..'],
      ['trigger.id', '../a?b#c'],
    ]);
    const { context } = stepRoom();
    await http.run(
      { ...context, clock: systemClock(), fleet: sampleFleet({ http: ['127.0.0.1'] }), values },
      http.schema.parse({ url: `${server.url}/rooms/{{trigger.value}}/{{trigger.id}}` }),
    );
    expect(server.posts.map(({ path }) => path)).toEqual(['/rooms//..%2Fa%3Fb%23c']);
  });

  it('follows no redirect', async () => {
    const server = await jsonServer();
    server.answer = { status: 302, headers: { location: `${server.url}/elsewhere` } };
    expect(await ask({ url: server.url })).toMatchObject({ output: { status: 302, ok: false } });
    expect(server.posts).toHaveLength(1);
  });

  it('keeps 500 bytes of the answer for the record and 4 KB for later steps', async () => {
    const server = await jsonServer();
    server.answer = { status: 200, body: 'ø'.repeat(5_000) };
    const outcome = await ask({ url: server.url });
    if (outcome instanceof Error) throw outcome;
    expect(outcome.result).toBe(`GET ${server.url} answered 200: ${'ø'.repeat(250)}`);
    expect(outcome.output?.['body']).toBe('ø'.repeat(2_048));
  });

  it('connects to an address that is not public only where the list names host or address whole', async () => {
    const server = await jsonServer();
    for (const [url, allow] of [
      [server.url, '127.0.0.*'],
      [named(server), 'local*'],
      [named(server), '*'],
    ] as const)
      expect(await ask({ url }, [allow])).toMatchObject({
        code: 'refused',
        message: expect.stringContaining('which is no public address'),
      });
    expect(server.posts).toHaveLength(0);
    expect(await ask({ url: named(server) }, ['localhost'])).toMatchObject({ output: { status: 200 } });
    expect(await ask({ url: named(server) }, ['l*', '127.0.0.1', '::1'])).toMatchObject({
      output: { status: 200 },
    });
  });

  it('judges each address that a name stands for, whatever it stood for before', () => {
    const refuses = refusalOf('hooks.example.com', ['*.example.com', '10.0.0.7']);
    expect(refuses('93.184.216.34')).toBeNull();
    expect(refuses('10.0.0.7')).toBeNull();
    expect(refuses('10.0.0.8')?.message).toContain('hooks.example.com is 10.0.0.8');
    expect(refuses('::ffff:169.254.169.254')).not.toBeNull();
  });

  it('fails where nobody answers', async () => {
    expect(await ask({ url: 'http://127.0.0.1:9' })).toMatchObject({
      code: 'failed',
      message: expect.stringContaining('the connection was refused'),
    });
  });

  it('is checked when the file is loaded', () => {
    expect(problems({ url: 'https://hooks.example.com/{{device.name}}' })).toEqual([]);
    expect(problems({ url: 'https://other.example.com/' })).toEqual([
      'url: "other.example.com" is not among the hosts that macros may ask: add it to http.allow.',
    ]);
    expect(problems({ url: 'https://{{device.name}}.example.com/' })).toEqual([
      'url: the host of a URL is written out; fill in only what comes after it.',
    ]);
    expect(problems({ url: 'https://a:b@hooks.example.com/' })).toEqual([
      'url: a URL with a login is refused: http takes no secrets.',
    ]);
    expect(problems({ url: 'ftp://hooks.example.com/' })).toEqual([expect.stringContaining('it is no URL')]);
    expect(problems({ url: 'https://hooks.example.com', headers: { Authorization: 'Bearer x' } })).toEqual([
      expect.stringContaining('a header that carries a secret is not supported'),
    ]);
    expect(problems({ url: 'https://hooks.example.com', headers: { Host: 'x', 'a b': 'x' } })).toHaveLength(
      2,
    );
    expect(problems({ url: 'https://hooks.example.com', body: 'x' })).toEqual([
      'body: a GET has no body: say `method: POST`, or leave it out.',
    ]);
  });
});
