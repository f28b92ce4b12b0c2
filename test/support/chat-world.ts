import { onTestFinished } from 'vitest';
import {
  startWebexStandIn,
  type WebexStandIn,
  type WebexStandInOptions,
} from '../../src/simulator/cloud/webex.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { eventually, fleetText, freePort, type RunningDaemon, runDaemon } from './world.ts';

const person = (name: string, domain = 'example.com') =>
  ({ personId: name, email: `${name}@${domain}`, displayName: name, type: 'person' }) as const;

export const BOT = { personId: 'bot', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' } as const;
const PEOPLE = {
  'bot-token': BOT,
  'ann-token': person('ann'),
  'vic-token': person('vic'),
  'sam-token': person('sam', 'elsewhere.org'),
  'other-token': { personId: 'echo', email: 'echo@webex.bot', displayName: 'echo', type: 'bot' },
} as const;

/** ann is an operator, vic and the rest of example.com may look, sam is a stranger, other is another bot. */
export type Name = 'ann' | 'vic' | 'sam' | 'other' | 'bot';

export async function chatStandIn(options: Partial<WebexStandInOptions> = {}): Promise<WebexStandIn> {
  const webex = await startWebexStandIn({ tokens: PEOPLE, rooms: [{ title: 'Ops' }], ...options });
  onTestFinished(() => webex.stop());
  return webex;
}

export interface ChatWorld extends RunningDaemon {
  readonly webex: WebexStandIn;
  readonly hookUrl: string;
  /** Writes to the bot in the space; the id of the message. */
  readonly say: (name: Name, text: string, more?: object) => Promise<string>;
  /** The bot's answers to a message, once there are so many. */
  readonly answers: (messageId: string, count?: number) => Promise<string[]>;
  /** Says it and waits for one answer. */
  readonly ask: (name: Name, text: string) => Promise<string>;
}

export interface ChatWorldOptions {
  readonly webex?: WebexStandIn;
  readonly byWebhook?: boolean;
  readonly macros?: string;
  readonly folder?: string;
  readonly configuration?: Readonly<Record<string, string>>;
}

/** A daemon whose bot is at work in a space of the stand-in. */
export async function chatWorld(
  simulator: Simulator,
  { byWebhook = false, macros = '', configuration = {}, folder, ...given }: ChatWorldOptions = {},
): Promise<ChatWorld> {
  const webex = given.webex ?? (await chatStandIn());
  const port = byWebhook ? await freePort() : 0;
  const webhook = byWebhook
    ? `  webhook: { publicUrl: "http://127.0.0.1:${port}/behind", listen: "127.0.0.1:${port}" }`
    : '';
  const text = fleetText({
    devices: simulator.devices,
    mode: 'enforce',
    configuration,
    more: `
systems:
  webex: { url: "${webex.url}", token: "\${env:BOT}" }
notifiers:
  ops: { webex: { roomId: "${webex.rooms[0]?.id}" } }
calls: { allow: ["*@example.com"] }
chat:
  allow:
    - { email: ann@example.com, role: operator }
    - { domain: example.com }
  polling: 1s
${webhook}
${macros}`,
  });
  const daemon = await runDaemon(text, {
    env: { BOT: 'bot-token' },
    ...(folder === undefined ? {} : { folder }),
  });
  await eventually(() => isAtWork(webex, byWebhook ? port : null), 10_000);
  const say = async (name: Name, words: string, more: object = {}): Promise<string> => {
    const response = await fetch(`${webex.url}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${name}-token`, 'content-type': 'application/json' },
      body: JSON.stringify({
        roomId: webex.rooms[0]?.id,
        text: `roomd ${words}`,
        markdown: `<@personId:bot|roomd> ${words}`,
        ...more,
      }),
    });
    return ((await response.json()) as { id: string }).id;
  };
  const answers = (messageId: string, count = 1): Promise<string[]> =>
    eventually(() => {
      const found = webex
        .messages()
        .filter(({ parentId, personId }) => parentId === messageId && personId === 'bot');
      if (found.length < count) throw new Error(`${found.length} answers so far`);
      return found.map(({ markdown, text }) => markdown ?? text);
    }, 15_000);
  return {
    ...daemon,
    webex,
    hookUrl: `http://127.0.0.1:${port}/webex`,
    say,
    answers,
    ask: async (name, words) => (await answers(await say(name, words)))[0] ?? '',
  };
}

/** It listens, or has looked once, so that what is said from now on is heard. */
function isAtWork(webex: WebexStandIn, port: number | null): void {
  const isThere =
    port !== null
      ? webex.webhooks.filter(({ targetUrl }) => targetUrl.includes(`:${port}/behind/`)).length === 2
      : webex.requests().some(({ path }) => path.includes('/rooms'));
  if (!isThere) throw new Error('the bot is not at work yet');
}

/** The card that stands in the space, and what its buttons submit, by their titles. */
export async function cardIn(
  webex: WebexStandIn,
  text: string,
): Promise<{ id: string; buttons: Record<string, Record<string, unknown>> }> {
  return await eventually(() => {
    const message = webex.messages().find((one) => one.attachments.length > 0 && one.text.includes(text));
    if (message === undefined) throw new Error(`no card says ${text}`);
    const { actions } = { actions: [], ...message.attachments[0]?.content } as {
      actions: { title: string; data: Record<string, unknown> }[];
    };
    return { id: message.id, buttons: Object.fromEntries(actions.map(({ title, data }) => [title, data])) };
  }, 15_000);
}
