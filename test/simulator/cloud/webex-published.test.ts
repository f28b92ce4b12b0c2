import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startWebexStandIn } from '../../../src/simulator/cloud/webex.ts';

const root = process.env['ROOMD_FIXTURES'];
const folder = root === undefined ? '' : join(root, 'cloud/webex-openapi/messaging');
if (root === undefined) {
  console.log(
    'ROOMD_FIXTURES is not set: the stand-in for Webex is not compared with the published examples',
  );
}

const person = { personId: 'ada', email: 'ada@example.com', displayName: 'Ada', type: 'person' } as const;
const authorization = { authorization: 'Bearer token', 'content-type': 'application/json' };

/** Operation, published example, and the fields without which an answer is none. */
const operations = [
  {
    file: 'GET_people_me',
    method: 'GET',
    path: '/people/me',
    needed: ['id', 'emails', 'displayName', 'type'],
  },
  { file: 'GET_rooms', method: 'GET', path: '/rooms', needed: ['id', 'title', 'type', 'created'] },
  {
    file: 'GET_rooms_roomId',
    method: 'GET',
    path: '/rooms/ROOM',
    needed: ['id', 'title', 'type', 'creatorId'],
  },
  { file: 'POST_rooms', method: 'POST', path: '/rooms', needed: ['id', 'title', 'type', 'description'] },
  { file: 'PUT_rooms_roomId', method: 'PUT', path: '/rooms/ROOM', needed: ['id', 'title', 'lastActivity'] },
  {
    file: 'POST_messages',
    method: 'POST',
    path: '/messages',
    needed: ['id', 'roomId', 'markdown', 'parentId'],
  },
  {
    file: 'GET_messages',
    method: 'GET',
    path: '/messages?roomId=ROOM',
    needed: ['id', 'roomId', 'text', 'roomType'],
  },
  {
    file: 'GET_messages_messageId',
    method: 'GET',
    path: '/messages/MESSAGE',
    needed: ['id', 'personId', 'created'],
  },
  {
    file: 'GET_messages_direct',
    method: 'GET',
    path: '/messages/direct?personEmail=bob@example.com',
    needed: ['id'],
  },
];

describe('the published examples', () => {
  it.skipIf(root === undefined)('are where ROOMD_FIXTURES says', () => {
    expect(existsSync(folder), `${folder} is missing`).toBe(true);
  });

  it.skipIf(root === undefined).each(operations)(
    'have the shape that the stand-in answers to $method $path',
    async (operation) => {
      const standIn = await startWebexStandIn({
        tokens: { token: person },
        rooms: [{ title: 'Operations' }],
      });
      try {
        const roomId = standIn.rooms[0]?.id ?? '';
        const send = (method: string, path: string, body?: object) =>
          fetch(`${standIn.url}${path}`, {
            method,
            headers: authorization,
            ...(body ? { body: JSON.stringify(body) } : {}),
          });
        const posted = await send('POST', '/messages', {
          roomId,
          markdown: 'parent <@personEmail:ada@example.com>',
        });
        const parentId = ((await posted.json()) as { id: string }).id;
        await send('POST', '/messages', { toPersonEmail: 'bob@example.com', markdown: 'direct' });
        const body =
          operation.file === 'POST_messages'
            ? { roomId, parentId, markdown: '**new**' }
            : { title: 'Oslo', description: 'Third floor' };
        const path = operation.path.replace('ROOM', roomId).replace('MESSAGE', parentId);
        const answer = await send(operation.method, path, operation.method === 'GET' ? undefined : body);
        const name = join(folder, `${operation.file}.200.example.json`);
        const example: unknown = JSON.parse(readFileSync(name, 'utf8'));
        expect(answer.status).toBe(200);
        const shown: unknown = await answer.json();
        expect(deviations(shown, example, '')).toEqual([]);
        expect(Object.keys(firstOf(shown))).toEqual(expect.arrayContaining(operation.needed));
      } finally {
        await standIn.stop();
      }
    },
  );
});

/** Where `shown` has a field that the example lacks, or one of another type. */
function deviations(shown: unknown, example: unknown, at: string): string[] {
  if (Array.isArray(shown) && Array.isArray(example)) {
    return shown.flatMap((item, index) => deviations(item, example[0], `${at}[${index}]`));
  }
  if (isObject(shown) && isObject(example)) {
    return Object.entries(shown).flatMap(([key, value]) =>
      key in example ? deviations(value, example[key], `${at}.${key}`) : [`${at}.${key} is not published`],
    );
  }
  return typeof shown === typeof example ? [] : [`${at} is ${typeof shown}, not ${typeof example}`];
}

function firstOf(shown: unknown): object {
  if (!isObject(shown)) return {};
  const { items } = shown;
  return Array.isArray(items) && isObject(items[0]) ? items[0] : shown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
