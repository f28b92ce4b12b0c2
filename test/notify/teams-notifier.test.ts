import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { AlertNote } from '../../src/notify/notifier.ts';
import { teamsDocument } from '../../src/notify/teams-card.ts';
import { TeamsNotifier } from '../../src/notify/teams-notifier.ts';
import { startTeamsWorkflow, type TeamsWorkflow } from '../../src/simulator/cloud/teams-workflow.ts';

const alert: AlertNote = {
  id: 'alert-1',
  rule: 'device-offline',
  key: '7',
  severity: 'critical',
  state: 'open',
  about: 'hall',
  devices: ['hall'],
  title: 'hall is offline',
  detail: 'no answer',
  remedy: 'look at it',
  openedAt: 0,
  resolvedAt: null,
  acknowledgedBy: null,
  comment: null,
};

const block = (text: string, rest: object = {}): object => ({ type: 'TextBlock', text, wrap: true, ...rest });

async function workflow(): Promise<TeamsWorkflow> {
  const started = await startTeamsWorkflow({ signature: 'a+signature/=' });
  onTestFinished(started.stop);
  return started;
}

function notifierFor(url: string): TeamsNotifier {
  const notifier = new TeamsNotifier(
    { name: 'flow', url: new Secret(url) },
    { clock: systemClock(), logger: silentLogger },
  );
  onTestFinished(() => notifier.close());
  return notifier;
}

describe('the Teams notifier', () => {
  it('posts a card to the workflow, in the colour of the alert', async () => {
    const { url, cards, failedRuns } = await workflow();
    const notifier = notifierFor(url);
    const markdown = '🔴 **hall is offline**\n\nno answer\n\nlook at it';
    const { receipt } = await notifier.send({ subject: 'hall is offline', markdown, alert }, { key: 'one' });
    await notifier.send({ markdown: 'The stand-up begins' }, { key: 'two' });
    expect(receipt).toBe('one');
    expect(failedRuns).toEqual([]);
    expect(cards).toMatchObject([
      {
        type: 'AdaptiveCard',
        version: '1.4',
        fallbackText: 'hall is offline',
        body: [
          {
            type: 'Container',
            style: 'attention',
            items: [block('🔴 **hall is offline**'), block('no answer'), block('look at it')],
          },
        ],
      },
      { fallbackText: 'The stand-up begins', body: [block('The stand-up begins')] },
    ]);
  });

  it('shortens what is beyond the limit of a message, and says so', async () => {
    const { url, cards, failedRuns, requests } = await workflow();
    const notifier = notifierFor(url);
    const markdown = Array.from({ length: 400 }, (_, room) => `- "Room ${room}": ${'é"'.repeat(40)}`).join(
      '\n',
    );
    await notifier.send({ markdown, alert }, { key: 'one' });
    expect(failedRuns).toEqual([]);
    expect(requests()[0]?.bytes).toBeLessThan(28 * 1024);
    expect(JSON.stringify(cards)).toContain(
      'Shortened, as it is too long for Teams; roomd alerts show alert-1',
    );
  });

  it('tries again what may pass, when the workflow asks for it', async () => {
    const { url, cards, fail } = await workflow();
    const notifier = notifierFor(url);
    fail({ status: 429, retryAfterSeconds: 7, times: 1 });
    fail({ status: 502, times: 1 });
    await expect(notifier.send({ markdown: 'x' }, { key: '1' })).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: 7_000,
    });
    await expect(notifier.send({ markdown: 'x' }, { key: '1' })).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: null,
    });
    await notifier.send({ markdown: 'x' }, { key: '1' });
    expect(cards).toHaveLength(1);
  });

  it('takes a wrong signature, a workflow that is gone and a blank message as final', async () => {
    const { url, cards } = await workflow();
    const wrong = notifierFor(url.replace(/sig=.*$/, 'sig=other'));
    await expect(wrong.send({ markdown: 'x' }, { key: '1' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('DirectApiAuthorizationRequired') as string,
    });
    const gone = notifierFor(url.replace('/standin/', '/gone/'));
    await expect(gone.send({ markdown: 'x' }, { key: '1' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('WorkflowNotFound') as string,
    });
    await expect(notifierFor(url).send({ markdown: ' \n' }, { key: '1' })).rejects.toMatchObject({
      code: 'refused',
    });
    expect(cards).toEqual([]);
  });

  it.each(['not a URL', 'http://workflow.example.com/?sig=1', 'ftp://a.b/'])(
    'refuses to post to "%s", where the secret holds that',
    async (url) => {
      const sent = notifierFor(url).send({ markdown: 'x' }, { key: '1' });
      await expect(sent).rejects.toMatchObject({
        code: 'refused',
        message: 'what the secret of flow holds is no https address; copy the URL that the workflow shows',
      });
    },
  );

  it('never shows the URL, whatever goes wrong', async () => {
    const { url, stop, fail } = await workflow();
    const notifier = notifierFor(url);
    fail({ status: 403, times: 1 });
    const thrown: unknown[] = [];
    for (const attempt of [1, 2]) {
      await notifier
        .send({ markdown: 'x' }, { key: String(attempt) })
        .catch((error: unknown) => thrown.push(error));
      await stop();
    }
    expect(thrown).toHaveLength(2);
    expect(inspect(thrown, { depth: null })).not.toMatch(/signature|workflows\/standin/);
  });
});

function blocksOf(markdown: string): unknown {
  const { attachments } = teamsDocument({ markdown }) as { attachments: { content: { body: unknown } }[] };
  return attachments[0]?.content.body;
}

describe('the card', () => {
  it('makes blocks of paragraphs, headings and code, which cards do not know', () => {
    const markdown = [
      '## Two **rooms**',
      'first line',
      'second line',
      '',
      '- one',
      '- two',
      '```sh',
      'roomd plan *_x_*',
      'roomd apply',
      '```',
      '> quoted `a_b` ![plan](https://a.b/c.png)',
    ].join('\n');
    expect(blocksOf(markdown)).toEqual([
      block('Two **rooms**', { weight: 'Bolder' }),
      block('first line\nsecond line'),
      block('- one\n- two'),
      block('roomd plan \\*\\_x\\_\\*\n\nroomd apply', { fontType: 'Monospace' }),
      block('quoted a\\_b [plan](https://a.b/c.png)'),
    ]);
  });

  it('keeps code that nobody closed', () => {
    expect(blocksOf('~~~\nopen')).toEqual([block('open', { fontType: 'Monospace' })]);
  });

  it('is green when an alert is over', () => {
    const over = teamsDocument({ markdown: 'x', alert: { ...alert, state: 'resolved' } });
    expect(JSON.stringify(over)).toContain('"style":"good"');
  });
});
