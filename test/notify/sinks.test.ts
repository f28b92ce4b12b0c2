import { createHmac } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { Secret } from '../../src/lib/secret.ts';
import { AlertmanagerNotifier } from '../../src/notify/alertmanager-notifier.ts';
import { EmailNotifier } from '../../src/notify/email-notifier.ts';
import type { AlertNote, Message } from '../../src/notify/notifier.ts';
import { JsonPoster } from '../../src/notify/post-json.ts';
import { WebhookNotifier } from '../../src/notify/webhook-notifier.ts';
import { jsonServer } from '../support/json-server.ts';
import { mailServer } from '../support/mail-server.ts';

const OPENED_AT = Date.parse('2026-03-01T08:00:00Z');

const note: AlertNote = {
  id: 'alert-1',
  rule: 'device-offline',
  key: '7',
  severity: 'warning',
  state: 'open',
  about: 'hall',
  devices: ['hall'],
  title: 'hall is offline',
  detail: 'no answer',
  remedy: 'look at it',
  openedAt: OPENED_AT,
  resolvedAt: null,
  acknowledgedBy: null,
  comment: null,
};

const message: Message = {
  subject: '[roomd warning] hall is offline',
  text: 'hall is offline\nno answer',
  markdown: '**hall is offline**',
  conversation: 'alert-1',
  alert: note,
};

function poster(url: string): JsonPoster {
  const made = new JsonPoster(url, { clock: systemClock(), logger: silentLogger });
  onTestFinished(() => made.close());
  return made;
}

function notifier(port: number, login: { user: string; password: Secret } | null = null): EmailNotifier {
  const made = new EmailNotifier({
    name: 'mail',
    host: '127.0.0.1',
    port,
    tls: 'none',
    login,
    from: 'roomd <roomd@example.com>',
    to: ['ops@example.com', 'night@example.com'],
  });
  onTestFinished(() => made.close());
  return made;
}

describe('EmailNotifier', () => {
  it('sends subject and text, and answers in the thread of the first mail', async () => {
    const server = await mailServer();
    const sender = notifier(server.port);
    const { receipt } = await sender.send(message, { key: 'message-1' });
    await sender.send({ ...message, subject: 'It is back', thread: receipt }, { key: 'message-2' });
    const [first, second] = server.mails;
    expect(first).toMatchObject({
      from: 'roomd@example.com',
      to: ['ops@example.com', 'night@example.com'],
      headers: {
        subject: '[roomd warning] hall is offline',
        'message-id': '<message-1@example.com>',
        'auto-submitted': 'auto-generated',
      },
    });
    expect(first?.text).toContain('no answer');
    expect(second?.headers).toMatchObject({
      'message-id': '<message-2@example.com>',
      'in-reply-to': receipt,
      references: receipt,
    });
  });

  it('tells a refusal for good from one that may pass', async () => {
    const server = await mailServer();
    const sender = notifier(server.port);
    server.refuseWith = { code: 550, text: 'no such mailbox' };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('no such mailbox'),
    });
    server.refuseWith = { code: 451, text: 'come back later' };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(notifier(1).send(message, { key: '1' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('logs in, and takes a refused login as final', async () => {
    const server = await mailServer({ login: { user: 'roomd', password: 'right' } });
    await notifier(server.port, { user: 'roomd', password: new Secret('right') }).send(message, { key: '1' });
    expect(server.mails).toHaveLength(1);
    const wrong = notifier(server.port, { user: 'roomd', password: new Secret('wrong') });
    await expect(wrong.send(message, { key: '2' })).rejects.toMatchObject({ code: 'refused' });
  });

  it('lets nobody smuggle a header or a second line into the subject', async () => {
    const server = await mailServer();
    const subject = 'hall\r\nBcc: everyone@example.com';
    await notifier(server.port).send({ ...message, subject }, { key: '1' });
    expect(server.mails[0]?.headers).not.toHaveProperty('bcc');
    expect(server.mails[0]?.headers['subject']).toBe('hall');
  });
});

describe('WebhookNotifier', () => {
  const secret = new Secret('shared');

  it('posts the alert, signed over time and body', async () => {
    const server = await jsonServer();
    const clock = new ManualClock(Date.parse('2026-03-01T08:02:00Z'));
    const sender = new WebhookNotifier(
      { name: 'hook', secret },
      { poster: poster(`${server.url}/in?a=1`), clock },
    );
    await sender.send(message, { key: 'message-1' });
    const [post] = server.posts;
    expect(post).toMatchObject({ path: '/in?a=1', headers: { 'roomd-delivery': 'message-1' } });
    expect(post?.json()).toMatchObject({
      version: 1,
      event: 'alert.opened',
      sentAt: '2026-03-01T08:02:00.000Z',
      alert: { id: 'alert-1', about: 'hall', openedAt: '2026-03-01T08:00:00.000Z', resolvedAt: null },
    });
    const [, seconds, signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(post?.headers['roomd-signature'])) ?? [];
    const expected = createHmac('sha256', 'shared').update(`${seconds}.${post?.body}`).digest('hex');
    expect([Number(seconds) * 1000, signature]).toEqual([clock.now(), expected]);
  });

  it('follows no redirect, and tries again what may pass', async () => {
    const server = await jsonServer();
    const sender = new WebhookNotifier(
      { name: 'hook', secret },
      { poster: poster(server.url), clock: systemClock() },
    );
    server.answer = { status: 302, headers: { location: 'http://127.0.0.1:1/' } };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('redirects are not followed'),
    });
    server.answer = { status: 503, body: 'busy' };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('503: busy'),
    });
    server.answer = { status: 401 };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({ code: 'refused' });
  });

  it('names no more of the address than the host, and waits as long as it is asked to', async () => {
    const server = await jsonServer();
    const sender = new WebhookNotifier(
      { name: 'hook', secret },
      { poster: poster(`${server.url}/hidden`), clock: systemClock() },
    );
    server.answer = { status: 200, body: 'x'.repeat(70_000) };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.not.stringContaining('hidden'),
    });
    server.answer = { status: 429, headers: { 'retry-after': '90' } };
    await expect(sender.send(message, { key: '1' })).rejects.toMatchObject({ retryAfterMs: 90_000 });
  });
});

describe('AlertmanagerNotifier', () => {
  it('keeps one identity from the beginning over repetitions to the end', async () => {
    const server = await jsonServer();
    const clock = new ManualClock(OPENED_AT + 120_000);
    const sender = new AlertmanagerNotifier(
      { name: 'am' },
      { poster: poster(`${server.url}/api/v2/alerts`), clock },
    );
    await sender.send(message, { key: '1' });
    await clock.advance(60_000);
    await sender.repeat([{ ...note, acknowledgedBy: 'cli:anna', state: 'acknowledged' }], {});
    const resolvedAt = OPENED_AT + 600_000;
    await sender.send(
      { ...message, alert: { ...note, state: 'resolved', title: 'hall is back', resolvedAt } },
      { key: '2' },
    );
    const entries = server.posts.map((post) => (post.json() as Record<string, unknown>[])[0]);
    expect(server.posts.map(({ path }) => path)).toEqual(Array(3).fill('/api/v2/alerts'));
    for (const entry of entries)
      expect(entry).toMatchObject({
        labels: { alertname: 'device-offline', device: 'hall', severity: 'warning', job: 'roomd' },
        startsAt: '2026-03-01T08:00:00.000Z',
      });
    expect(entries.map((entry) => entry?.['endsAt'])).toEqual([
      '2026-03-01T08:07:00.000Z',
      '2026-03-01T08:08:00.000Z',
      '2026-03-01T08:10:00.000Z',
    ]);
    expect(entries[1]).toMatchObject({ annotations: { acknowledgedBy: 'cli:anna' } });
  });

  it('takes no plain message', async () => {
    const sender = new AlertmanagerNotifier(
      { name: 'am' },
      { poster: poster('http://127.0.0.1:1'), clock: systemClock() },
    );
    await expect(sender.send({ markdown: 'hello' }, { key: '1' })).rejects.toMatchObject({ code: 'refused' });
  });
});
