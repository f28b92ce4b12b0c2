import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { UTILISATION_COLUMNS } from '../../src/actions/utilisation.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { Secret } from '../../src/lib/secret.ts';
import { JsonPoster } from '../../src/notify/post-json.ts';
import { WebhookNotifier } from '../../src/notify/webhook-notifier.ts';
import { jsonServer } from '../support/json-server.ts';
import { programAt } from '../support/programs.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';
import { commandLines } from './command-lines.ts';
import { document, documents } from './documents.ts';

/** Every line of the documents that begins so, in blocks and within sentences, in the order of the pages. */
function linesOf(program: string): string[] {
  return documents().flatMap((page) => [
    ...commandLines(page).flatMap(({ text }) => (text.startsWith(`${program} `) ? [text] : [])),
    ...[
      ...page.text.replaceAll(/^```.*?^```$/gms, '').matchAll(new RegExp(`\`(${program} [^\`\n]+)\``, 'g')),
    ].flatMap(([, text = '']) => (text.includes('…') ? [] : [text])),
  ]);
}

function keysOf(page: unknown): readonly string[] {
  const { items = [], ...rest } = page as { items?: readonly object[] };
  return [...Object.keys(items[0] ?? {}), ...Object.keys(rest)];
}

async function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', line], { env: { ...process.env, ...env } });
  return stdout;
}

/** As it stands, but that what is refused ends with a code of its own. */
function strict(line: string, host = ''): string {
  return line.replace(/^curl /, 'curl --fail --silent --show-error ').replace('127.0.0.1:8080', host);
}

describe('the lines in the documents that call other programs', () => {
  test.skipIf(programAt('curl') === null)('ask the API what it answers', async () => {
    const { devices } = await simulated([{ name: 'boardroom-1' }]);
    const text = fleetText({ devices }).replace(
      '{ name: boardroom-1,',
      '{ name: boardroom-1, tags: { site: oslo },',
    );
    const { daemon, act } = await runDaemon(text);
    await eventually(async () => expect((await act(listDevices)).items[0]?.session.state).toBe('up'));
    const said: Record<string, string> = {};
    for (const line of linesOf('curl').filter((one) => !one.includes('$CONTROL')))
      said[line.split('/api/v1/')[1] ?? line] = await shell(strict(line, new URL(daemon.url).host));
    expect(Object.keys(said)).toHaveLength(3);
    const [, shown = ''] = /api\/v1\/presence\n(\{.*\})\n/.exec(document('docs/http-api.md')) ?? [];
    expect(keysOf(JSON.parse(said['presence'] ?? ''))).toEqual(keysOf(JSON.parse(shown)));
    const [devicesAsked = ''] = Object.keys(said).filter((path) => path.startsWith('devices'));
    expect(JSON.parse(said[devicesAsked] ?? '')).toEqual({ items: [], nextCursor: null });
    const [utilisation = ''] = Object.keys(said).filter((path) => path.startsWith('utilisation'));
    expect(said[utilisation]?.split('\r\n')[0]).toBe(UTILISATION_COLUMNS.join(','));
  });

  test.skipIf(programAt('curl') === null)('turn the knobs of the simulator', async () => {
    const simulator = await simulated([{ name: 'sim-1' }, { name: 'sim-2' }, { name: 'sim-3' }]);
    const lines = linesOf('curl').filter((one) => one.includes('$CONTROL'));
    expect(lines).toHaveLength(4);
    for (const line of lines) await shell(strict(line), { CONTROL: simulator.controlUrl ?? '' });
    expect(simulator.device('sim-1').state.presence.people).toBe(2);
    expect(simulator.device('sim-3').state.configuration('Audio.DefaultVolume')).toBe('90');
  });

  test.skipIf(programAt('openssl') === null)('make the signature that a webhook carries', async () => {
    const server = await jsonServer();
    const clock = systemClock();
    const poster = new JsonPoster(server.url, { clock, logger: silentLogger });
    onTestFinished(() => poster.close());
    const hook = new WebhookNotifier({ name: 'hook', secret: new Secret('shared') }, { poster, clock });
    await hook.send({ text: 'hall is offline', markdown: 'hall is offline' }, { key: '1' });
    const [post] = server.posts;
    const [, seconds = '', signature = ''] =
      /^t=(\d+),v1=(\w+)$/.exec(String(post?.headers['roomd-signature'])) ?? [];
    const [line = ''] = linesOf('printf');
    const made = await shell(line, { SECONDS_OF_HEADER: seconds, BODY: post?.body ?? '', SECRET: 'shared' });
    expect(made).toContain(signature);
    expect(signature).toHaveLength(64);
  });
});
