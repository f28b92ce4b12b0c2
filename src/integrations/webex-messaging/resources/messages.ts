import { z } from 'zod';
import { jsonBody, type WebexCore } from '../core.ts';
import { text, texts } from '../fields.ts';
import { type Verbs, verbsOf } from '../resource.ts';
import { readBody } from '../response.ts';
import type { WebexCallOptions } from '../transport.ts';

export const PostedMessage = z.object({
  id: z.string(),
  roomId: text,
  roomType: text,
  parentId: text,
  text,
  markdown: text,
  files: texts,
  attachments: z.array(z.object({ contentType: z.string(), content: z.unknown() })).catch([]),
  personId: text,
  personEmail: text,
  mentionedPeople: texts,
  created: text,
  updated: text,
});
export type PostedMessage = z.infer<typeof PostedMessage>;

/** To whom: a room, or a person by id or e-mail address. */
export type WebexTarget =
  | { readonly roomId: string }
  | { readonly toPersonId: string }
  | { readonly toPersonEmail: string };

/** One file: at a public address, or its bytes (the service takes 100 MB). */
export type MessageFile =
  | { readonly url: string }
  | { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array };

interface Words {
  /** What clients without rich text show; at most 7,439 bytes, as markdown (see splitMarkdown). */
  readonly text?: string | undefined;
  readonly markdown?: string | undefined;
  /** The message to answer in its thread. */
  readonly parentId?: string | null | undefined;
}

/** Words, a file, or both; or an adaptive card, which no client shows without a text to fall back on. */
export type WebexContent =
  | (Words & { readonly file?: MessageFile | undefined; readonly card?: undefined })
  | (Words & { readonly card: object; readonly text: string; readonly file?: undefined });

export type NewMessage = WebexTarget & WebexContent;

export interface MessageQuery {
  readonly roomId: string;
  /** A bot sees the messages of a group room only with `me`. */
  readonly mentionedPeople?: 'me' | undefined;
  readonly parentId?: string | undefined;
  /** RFC 3339. */
  readonly before?: string | undefined;
  readonly beforeMessage?: string | undefined;
  readonly max?: number | undefined;
}

export type DirectQuery = ({ readonly personId: string } | { readonly personEmail: string }) & {
  readonly parentId?: string | undefined;
};

type Kept = Verbs<PostedMessage, MessageQuery, never, never>;

export interface Messages extends Pick<Kept, 'get' | 'delete'> {
  /** Newest first. */
  readonly list: (query: MessageQuery, options?: WebexCallOptions) => AsyncGenerator<PostedMessage, void>;
  /** The one-to-one messages with a person, newest first. */
  readonly listDirect: (
    query: DirectQuery,
    options?: WebexCallOptions,
  ) => AsyncGenerator<PostedMessage, void>;
  /** Posts one message. Posting again after `deadline` or `unreachable` may post it twice. */
  readonly create: (message: NewMessage, options?: WebexCallOptions) => Promise<PostedMessage>;
  /** Replaces the words of a message of one's own, at most ten times; not its file or card. */
  readonly edit: (
    id: string,
    change: {
      readonly roomId: string;
      readonly text?: string | undefined;
      readonly markdown?: string | undefined;
    },
    options?: WebexCallOptions,
  ) => Promise<PostedMessage>;
}

const PATH = '/messages';
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

/** /messages (cloud facts 1.4). */
export function messagesOf(core: WebexCore): Messages {
  const verbs = verbsOf<PostedMessage, MessageQuery, object, object>(core, {
    path: PATH,
    item: PostedMessage,
  });
  return {
    list: verbs.list,
    get: verbs.get,
    delete: verbs.delete,
    edit: verbs.update,
    listDirect: (query, options = {}) => core.list(`${PATH}/direct`, { ...query }, PostedMessage, options),
    async create(message, options = {}) {
      const response = await core.send({ method: 'POST', path: PATH, ...(await bodyOf(message)) }, options);
      return readBody(response, PostedMessage, `POST ${PATH}`);
    },
  };
}

async function bodyOf({ file, card, parentId, ...words }: NewMessage) {
  const fields = { ...words, ...(parentId == null ? {} : { parentId }) };
  if (file !== undefined && 'bytes' in file) return multipart(fields, file);
  return jsonBody({
    ...fields,
    ...(file === undefined ? {} : { files: [file.url] }),
    ...(card === undefined ? {} : { attachments: [{ contentType: CARD_TYPE, content: card }] }),
  });
}

/** RFC 7578, as the platform writes it. */
async function multipart(
  fields: Readonly<Record<string, string | undefined>>,
  { name, contentType, bytes }: Extract<MessageFile, { bytes: unknown }>,
): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) form.set(field, value);
  form.set('files', new Blob([Buffer.from(bytes)], { type: contentType }), name);
  const encoded = new Response(form);
  return {
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}
