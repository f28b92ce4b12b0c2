import { basename, extname } from 'node:path';
import type { NewMessage, WebexTarget } from '../../integrations/webex-messaging/resources/messages.ts';
import { messageOf } from '../../lib/errors.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import {
  flagOf,
  type Given,
  idOf,
  neededText,
  plainVerbs,
  ROOM,
  textOf,
  type WebexResource,
  whomOf,
} from './verb.ts';

const message = plainVerbs('message', ({ messages: verbs }) => verbs);
const TEXT = ['--text <text>', 'plain text, and what a card falls back on'] as const;
const MARKDOWN = ['--markdown <text>', 'the same in Markdown'] as const;
const THREAD = ['--thread <id>', 'in the thread of a message'] as const;

export const messages: WebexResource = {
  name: 'messages',
  description: 'messages, with files and cards',
  columns: ['id', 'created', 'personEmail', 'text'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'the messages of a room, the latest first',
      needed: [ROOM],
      options: [
        THREAD,
        ['--mentioned', 'only those that mention oneself; a bot sees no others in a group room'],
      ],
      run: ({ messages: verbs }, given) =>
        verbs.list(
          {
            roomId: neededText(given, 'room'),
            parentId: textOf(given, 'thread'),
            mentionedPeople: flagOf(given, 'mentioned') ? 'me' : undefined,
          },
          given,
        ),
    },
    {
      use: 'direct',
      isList: true,
      description: 'the messages between oneself and a person, the latest first',
      needed: [['--person <person>', 'by address or id']],
      options: [THREAD],
      run: ({ messages: verbs }, given) =>
        verbs.listDirect(
          { ...whomOf(neededText(given, 'person')), parentId: textOf(given, 'thread') },
          given,
        ),
    },
    message.get,
    {
      use: 'create',
      description: 'post a message: --room or --to, and at least one of --text, --markdown and --file',
      options: [
        ROOM,
        ['--to <person>', 'a person, by address or id'],
        TEXT,
        MARKDOWN,
        ['--file <file>', 'with a file, or one at a public https:// address'],
        ['--card <file>', 'with an adaptive card, as JSON; needs --text'],
        THREAD,
      ],
      run: async ({ messages: verbs }, given) => verbs.create(await newMessage(given), given),
    },
    {
      use: 'edit <id>',
      description: 'replace the words of a message of one’s own, at most ten times',
      needed: [ROOM],
      options: [TEXT, MARKDOWN],
      run: ({ messages: verbs }, given) =>
        verbs.edit(
          idOf(given),
          {
            roomId: neededText(given, 'room'),
            text: textOf(given, 'text'),
            markdown: textOf(given, 'markdown'),
          },
          given,
        ),
    },
    message.delete,
  ],
};

async function newMessage(given: Given): Promise<NewMessage> {
  const text = textOf(given, 'text');
  const words = { text, markdown: textOf(given, 'markdown'), parentId: textOf(given, 'thread') };
  const [card, file] = [textOf(given, 'card'), textOf(given, 'file')];
  const target = targetOf(given);
  if (card !== undefined) {
    if (text === undefined || file !== undefined)
      throw new ExitError(
        EXIT.usage,
        'a card stands with --text, for clients that show none, and without --file',
      );
    return { ...target, ...words, text, card: await cardOf(given, card) };
  }
  if (text === undefined && words.markdown === undefined && file === undefined)
    throw new ExitError(EXIT.usage, 'say what to post: --text, --markdown or --file');
  return { ...target, ...words, file: file === undefined ? undefined : await fileOf(given, file) };
}

function targetOf(given: Given): WebexTarget {
  const [roomId, to] = [textOf(given, 'room'), textOf(given, 'to')];
  if ((roomId === undefined) === (to === undefined))
    throw new ExitError(EXIT.usage, 'say where to: --room or --to, one of the two');
  if (roomId !== undefined) return { roomId };
  const whom = whomOf(to ?? '');
  return 'personId' in whom ? { toPersonId: whom.personId } : { toPersonEmail: whom.personEmail };
}

async function cardOf({ readFile }: Given, path: string): Promise<object> {
  try {
    const card: unknown = JSON.parse((await readFile(path)).toString());
    if (typeof card === 'object' && card !== null) return card;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ExitError(EXIT.usage, `${path} is no JSON: ${messageOf(error)}`);
  }
  throw new ExitError(EXIT.usage, `${path} holds no card`);
}

async function fileOf({ readFile }: Given, path: string) {
  if (/^https?:\/\//.test(path)) return { url: path };
  const contentType = CONTENT_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
  return { name: basename(path), contentType, bytes: await readFile(path) };
}

/** What clients show by themselves; anything else is offered for download. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.txt': 'text/plain',
};
