import type { Fleet } from '../fleet/fleet.ts';
import type { Place, Problem } from '../fleet/problem.ts';
import { type Section, sectionOf } from '../fleet/section.ts';
import { Chat } from './chat-schema.ts';
import { VERBS } from './parse.ts';
import { macrosOf, vocabularyOf } from './vocabulary.ts';

/** The section `chat:` of fleet.yaml, for the loader. */
export const chatSection: Section<Chat> = { key: 'chat', schema: Chat, check };

/** What the file says of the bot; null where it has none. */
export function chatOf(fleet: Fleet): Chat | null {
  return sectionOf(fleet, chatSection) ?? null;
}

const SHORTEST_POLLING_MS = 1_000;

type Path = readonly (string | number)[];

function check(chat: Chat, fleet: Fleet, locate: (path: Path) => Place | null): Problem[] {
  const credential = fleet.systems.webex?.credential.kind ?? null;
  const found: { key: string; message: string; severity?: Problem['severity'] }[] = [
    ...(credential === 'bot'
      ? []
      : [
          {
            key: 'allow',
            message: `the bot speaks by a bot's token: write systems.webex.token${credential === null ? '' : ` in place of ${credential}`}.`,
          },
        ]),
    ...(chat.polling < SHORTEST_POLLING_MS
      ? [{ key: 'polling', message: 'Webex is not asked more often than every second; write 1s or more.' }]
      : []),
    ...(chat.webhook === undefined && hearsCards(fleet)
      ? [
          {
            key: 'allow',
            message: 'a macro waits for a card, and cards are heard by webhook only: write chat.webhook.',
            severity: 'warning' as const,
          },
        ]
      : []),
  ];
  const taken = [...vocabularyOf(fleet).words].filter((word) => VERBS.has(word));
  for (const word of taken)
    found.push({
      key: 'allow',
      message: `"${word}" is a command of the bot, so no macro hears it: choose another word for its \`chat\` trigger.`,
    });
  return found.map(({ key, message, severity = 'error' }) => ({
    severity,
    place: locate([key]) ?? locate([]),
    path: `chat.${key}`,
    message,
  }));
}

function hearsCards(fleet: Fleet): boolean {
  return macrosOf(fleet).some(({ when = [] }) => when.some(({ kind }) => kind === 'card'));
}
