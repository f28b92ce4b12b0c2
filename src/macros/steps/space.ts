import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { readMailbox } from '../../fleet/forms.ts';
import { form, words } from '../../fleet/schema-forms.ts';
import { messageOf } from '../../lib/errors.ts';
import type { SpaceMessage } from '../ports.ts';
import { type FreeContext, type Step, StepError, type StepProblem, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate, type TemplateValues } from '../template.ts';

const SpaceArguments = z
  .strictObject({
    create: words({
      description: 'The title of a space to make.',
      examples: ['Help in {{device.name}}'],
    }).optional(),
    room: words({
      description: 'The id of a space that is there; this or create.',
      examples: ['{{steps.help.roomId}}'],
    }).optional(),
    invite: z
      .array(form(readMailbox, { examples: ['anna@example.com'] }))
      .max(50, { error: 'at most 50 people are invited by one step.' })
      .default([])
      .meta({ description: 'Who is to be in it.', examples: [['anna@example.com']] }),
    markdown: words({
      description: 'What is posted there; beside a card, what clients without cards show.',
      examples: ['**{{device.name}}** needs help'],
    }).optional(),
    card: words({
      description: 'A JSON file with an adaptive card, beside this file; texts in it are filled in.',
      examples: ['cards/help.json'],
    }).optional(),
    file: words({
      description: 'A file that is posted, beside this file.',
      examples: ['plans/boardroom.pdf'],
    }).optional(),
    archive: z
      .boolean()
      .default(false)
      .meta({ description: 'true: at last its title says that it is over.' }),
    delete: z.boolean().default(false).meta({
      description: 'true: at last it is deleted with all that is in it; only a space that roomd made.',
    }),
  })
  .refine(({ create, room }) => (create === undefined) !== (room === undefined), {
    error: 'write either create (a title) or room (an id), one of the two.',
  })
  .refine(({ card, file }) => card === undefined || file === undefined, {
    error: 'one message has a card or a file: write two steps.',
    path: ['file'],
  })
  .refine(({ archive, delete: deletes }) => !archive || !deletes, {
    error: 'archive keeps the space and delete does not: write one of the two.',
    path: ['delete'],
  });

type SpaceArguments = z.output<typeof SpaceArguments>;

const MOST_FILE_BYTES = 20_000_000;

/** A Webex space: made or found, filled with people, told something, put away. */
export const space: Step<SpaceArguments> = {
  name: 'space',
  summary: 'Makes a Webex space, invites, posts a text, card or file, archives.',
  page: {
    guards: [
      'It deletes only spaces that roomd made.',
      'A card can be pressed once, by an operator, within a week.',
    ],
    errors: ['failed: Webex refuses, or the file cannot be read or is too large'],
    example: `- space: { create: "Help in {{device.name}}", invite: [anna@example.com], markdown: Somebody asks for help }
  as: room
- space: { room: "{{steps.room.roomId}}", archive: true }
`,
  },
  needsDevice: false,
  schema: SpaceArguments,
  outputs: { roomId: 'string', messageId: 'string' },
  mayCatchUp: false,

  check(args, context) {
    const { fleet } = context;
    const texts = (['create', 'room', 'markdown'] as const).flatMap((key) =>
      checkTemplate(args[key] ?? '', context).map((problem) => stepProblem([key], problem)),
    );
    return [
      ...(fleet.systems.webex === null
        ? [stepProblem([], 'roomd needs a bot for spaces: write systems.webex.')]
        : []),
      ...texts,
      ...(['card', 'file'] as const).flatMap((key) => missingFile(key, args[key], fleet.file)),
    ];
  },

  waitMs: () => 0,

  describe: ({ create, room, ...rest }, { values }) => {
    const which = create === undefined ? room : `"${expandTemplate(create, values)}"`;
    const also = [
      ...(rest.invite.length === 0 ? [] : [`invite ${rest.invite.join(', ')}`]),
      ...(rest.markdown === undefined ? [] : [`post ${expandTemplate(rest.markdown, values)}`]),
      ...[rest.card, rest.file].flatMap((file) => (file === undefined ? [] : [`post ${file}`])),
      ...(rest.archive ? ['archive it'] : []),
      ...(rest.delete ? ['delete it'] : []),
    ];
    return `${create === undefined ? 'use' : 'make'} the space ${which}${also.map((one) => `, ${one}`).join('')}`;
  },

  async run(context, args) {
    const { values, ports, signal, assertMayAct } = context;
    const message = await messageFor(context, args);
    const options = { signal };
    assertMayAct();
    const roomId =
      args.create === undefined
        ? expandTemplate(args.room ?? '', values)
        : await ports.spaces.create(expandTemplate(args.create, values), options);
    for (const email of args.invite) {
      assertMayAct();
      await ports.spaces.invite(roomId, email, options);
    }
    assertMayAct();
    const messageId = message === null ? '' : await ports.spaces.post(roomId, message, options);
    if (args.archive || args.delete) assertMayAct();
    if (args.archive) await ports.spaces.archive(roomId, options);
    if (args.delete) await ports.spaces.remove(roomId, options);
    return { result: resultOf(args, roomId), output: { roomId, messageId } };
  },
};

/** What is posted; made before anything is done, so that a file that is not there leaves no empty space. */
async function messageFor(context: FreeContext, args: SpaceArguments): Promise<SpaceMessage | null> {
  const { values, fleet, ports } = context;
  const { markdown, card, file } = args;
  if (markdown === undefined && card === undefined && file === undefined) return null;
  const folder = dirname(fleet.file);
  const device = values.get('device.name') ?? '';
  return {
    markdown: markdown === undefined ? null : expandTemplate(markdown, values),
    card: card === undefined ? null : await readCard(resolve(folder, card), values),
    file: file === undefined ? null : await readAttachment(resolve(folder, file)),
    deviceId: ports.device(device)?.address.id ?? null,
  };
}

async function readCard(file: string, values: TemplateValues): Promise<object> {
  const text = (await readBytes(file)).toString();
  try {
    const card: unknown = JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? expandTemplate(value, values) : value,
    );
    if (typeof card === 'object' && card !== null && 'type' in card && card.type === 'AdaptiveCard')
      return card;
  } catch (error) {
    throw new StepError('failed', `the card ${file} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  throw new StepError('failed', `the card ${file} is no AdaptiveCard`);
}

async function readAttachment(file: string): Promise<NonNullable<SpaceMessage['file']>> {
  const bytes = await readBytes(file);
  const contentType = TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
  return { name: basename(file), contentType, bytes };
}

async function readBytes(file: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new StepError('failed', `the file ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (bytes.length <= MOST_FILE_BYTES) return bytes;
  throw new StepError('failed', `the file ${file} is larger than ${MOST_FILE_BYTES / 1_000_000} MB`);
}

const TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
};

/** It may come later, so it is a warning. */
function missingFile(key: string, file: string | undefined, fleetFile: string): StepProblem[] {
  if (file === undefined || existsSync(resolve(dirname(fleetFile), file))) return [];
  return [{ path: [key], severity: 'warning', message: `there is no file ${file} beside this one yet.` }];
}

function resultOf({ create, invite, archive, delete: deletes }: SpaceArguments, roomId: string): string {
  const did = [
    create === undefined ? `used the space ${roomId}` : `made the space ${roomId}`,
    ...(invite.length === 0 ? [] : [`invited ${invite.join(', ')}`]),
    ...(archive ? ['archived it'] : []),
    ...(deletes ? ['deleted it'] : []),
  ];
  return did.join(', ');
}
