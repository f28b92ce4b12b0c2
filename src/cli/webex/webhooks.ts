import type { NewWebhook } from '../../integrations/webex-messaging/resources/webhooks.ts';
import { didYouMean } from '../../lib/suggest.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { type Given, idOf, neededText, plainVerbs, textOf, type WebexResource } from './verb.ts';

const webhook = plainVerbs('webhook', ({ webhooks: verbs }) => verbs);
const RESOURCES = ['messages', 'memberships', 'rooms', 'attachmentActions'] as const;
const EVENTS = ['created', 'updated', 'deleted'] as const;
const STATUSES = ['active', 'inactive'] as const;
const NAME = ['--name <name>', 'its name'] as const;
const TARGET = ['--target <url>', 'where the service posts to'] as const;
const SECRET = [
  '--secret <reference>',
  'what posts are signed with, as ${env:NAME} or ${file:PATH}',
] as const;

export const webhooks: WebexResource = {
  name: 'webhooks',
  description: 'what the service posts by itself',
  columns: ['id', 'name', 'resource', 'event', 'status', 'targetUrl'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'one’s webhooks',
      run: ({ webhooks: verbs }, given) => verbs.list({}, given),
    },
    webhook.get,
    {
      use: 'create',
      description: 'have the service post what happens',
      needed: [
        NAME,
        TARGET,
        ['--resource <resource>', RESOURCES.join(', ')],
        ['--event <event>', EVENTS.join(', ')],
      ],
      options: [['--filter <filter>', 'for example roomId=…'], SECRET],
      run: async ({ webhooks: verbs }, given) => {
        const made: NewWebhook = {
          name: neededText(given, 'name'),
          targetUrl: neededText(given, 'target'),
          resource: oneOf(neededText(given, 'resource'), RESOURCES, 'resource'),
          event: oneOf(neededText(given, 'event'), EVENTS, 'event'),
          filter: textOf(given, 'filter'),
          secret: await secretOf(given),
        };
        return verbs.create(made, given);
      },
    },
    {
      use: 'update <id>',
      description: 'change a webhook, or wake one that the service gave up',
      needed: [NAME, TARGET],
      options: [['--status <status>', STATUSES.join(', ')], SECRET],
      run: async ({ webhooks: verbs }, given) => {
        const status = textOf(given, 'status');
        const change = {
          name: neededText(given, 'name'),
          targetUrl: neededText(given, 'target'),
          status: status === undefined ? undefined : oneOf(status, STATUSES, 'status'),
          secret: await secretOf(given),
        };
        return verbs.update(idOf(given), change, given);
      },
    },
    webhook.delete,
  ],
};

export const attachmentActions: WebexResource = {
  name: 'attachment-actions',
  description: 'what was pressed on cards',
  columns: ['id', 'messageId', 'personId', 'created'],
  verbs: [
    {
      use: 'get <id>',
      description: 'what was put into a card; with --json its inputs',
      run: ({ attachmentActions: verbs }, given) => verbs.get(idOf(given), given),
    },
    {
      use: 'create',
      description: 'submit a card oneself',
      needed: [
        ['--message <id>', 'the message with the card'],
        ['--inputs <json>', 'what is put into it, as JSON'],
      ],
      run: async ({ attachmentActions: verbs }, given) => {
        const inputs = inputsOf(neededText(given, 'inputs'));
        return verbs.create({ type: 'submit', messageId: neededText(given, 'message'), inputs }, given);
      },
    },
  ],
};

function oneOf<Word extends string>(text: string, words: readonly Word[], what: string): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new ExitError(
    EXIT.usage,
    `"${text}" is no ${what}: write ${words.join(', ')}.${didYouMean(text, words)}`,
  );
}

async function secretOf(given: Given) {
  const reference = textOf(given, 'secret');
  return reference === undefined ? undefined : given.secret(reference);
}

function inputsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const inputs: unknown = JSON.parse(text);
    if (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)) return { ...inputs };
  } catch {
    // Falls through to the sentence below.
  }
  throw new ExitError(EXIT.usage, 'the inputs are no JSON object: write for example \'{"answer":"yes"}\'');
}
