import { describe, expect, it } from 'vitest';
import { chatOf } from '../../src/chat/chat-section.ts';
import { sections } from '../../src/daemon/sections.ts';
import { fleetText, lines, loadText } from '../fleet/load-text.ts';

const env = { PW: 'pw', TOKEN: 'bot-token' };
const WEBEX = 'systems:\n  webex: { token: "${env:TOKEN}" }\n';

const load = (top: string) => loadText(fleetText({ top }), { env, sections });
const problemsOf = async (top: string) => lines(await load(top));

const macros = (trigger: string) =>
  `${WEBEX}chat: { allow: [{ domain: example.com }] }\nmacros:\n  - { name: m, devices: all, scope: fleet, when: { ${trigger} }, steps: [{ wait: 1s }] }`;

describe('chat in the fleet file', () => {
  it('has standards, and reads whom it allows', async () => {
    const { fleet } = await load(
      `${WEBEX}chat:\n  allow: [{ email: Ann@Example.com, role: operator }, { domain: "@example.com" }]`,
    );
    expect(fleet === null ? null : chatOf(fleet)).toEqual({
      allow: [
        { whom: { kind: 'email', value: 'ann@example.com' }, role: 'operator' },
        { whom: { kind: 'domain', value: 'example.com' }, role: 'viewer' },
      ],
      polling: 5_000,
    });
  });

  it('needs the token of a bot', async () => {
    expect((await problemsOf('chat: { allow: [{ domain: example.com }] }')).join()).toContain(
      'write systems.webex.token',
    );
  });

  it.each([
    ['allow: []', 'nobody could use the bot'],
    ['allow: [{ role: admin }]', 'exactly one of email, domain, organization'],
    ['allow: [{ email: a@example.com, domain: example.com }]', 'exactly one of'],
    ['allow: [{ domain: "ann@example" }]', 'is no domain'],
    ['allow: [{ domain: example.com }], polling: 200ms', 'not asked more often than every second'],
    ['allow: [{ domain: example.com }], webhook: { publicUrl: here, listen: "127.0.0.1:1" }', 'is no URL'],
  ])('refuses %s', async (chat, message) => {
    expect((await problemsOf(`${WEBEX}chat: { ${chat} }`)).join()).toContain(message);
  });

  it('says that a card nobody can press is waited for in vain, and which word a command is already', async () => {
    expect((await problemsOf(macros('card: help'))).join()).toContain('write chat.webhook');
    expect((await problemsOf(macros('chat: status'))).join()).toContain('"status" is a command of the bot');
    expect((await problemsOf(macros('chat: two words'))).join()).toContain('is not one word');
  });
});

describe('a Webex notifier', () => {
  it('needs no token of its own where systems.webex has one', async () => {
    const ops = 'notifiers:\n  ops: { webex: { roomId: Y2lz } }\n';
    expect((await load(`${WEBEX}${ops}`)).fleet?.notifiers['ops']).toEqual({
      webex: { to: { roomId: 'Y2lz' }, own: null },
    });
    expect((await problemsOf(ops)).join()).toContain('it needs a token');
  });
});
