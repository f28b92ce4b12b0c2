import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebexClient } from '../../../src/integrations/webex-messaging/client.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { clientOf, collect } from './world.ts';

const root = process.env['ROOMD_FIXTURES'];
const folder = root === undefined ? '' : join(root, 'cloud/webex-openapi');
if (root === undefined) {
  console.log('ROOMD_FIXTURES is not set: the Webex client does not read the published examples');
}

/** A published answer, and the call that reads it. */
const CALLS: readonly (readonly [file: string, read: (client: WebexClient) => Promise<unknown>])[] = [
  ['messaging/GET_people.200', ({ people }) => collect(people.list())],
  ['messaging/GET_people_me.200', ({ people }) => people.me()],
  ['messaging/POST_people.200', ({ people }) => people.create({ emails: ['a@b'] })],
  ['messaging/GET_rooms.200', ({ rooms }) => collect(rooms.list())],
  ['messaging/GET_rooms_roomId.200', ({ rooms }) => rooms.get('x')],
  ['messaging/PUT_rooms_roomId.200', ({ rooms }) => rooms.update('x', { title: 'x' })],
  ['messaging/GET_memberships.200', ({ memberships }) => collect(memberships.list())],
  ['messaging/GET_memberships_membershipId.200', ({ memberships }) => memberships.get('x')],
  ['messaging/GET_messages.200', ({ messages }) => collect(messages.list({ roomId: 'x' }))],
  ['messaging/GET_messages_direct.200', ({ messages }) => collect(messages.listDirect({ personId: 'x' }))],
  ['messaging/GET_messages_messageId.200', ({ messages }) => messages.get('x')],
  ['messaging/POST_messages.200', ({ messages }) => messages.create({ roomId: 'x', text: 'x' })],
  ['messaging/PUT_messages_messageId.200', ({ messages }) => messages.edit('x', { roomId: 'x', text: 'x' })],
  ['messaging/GET_teams.200', ({ teams }) => collect(teams.list())],
  ['messaging/GET_teams_teamId.200', ({ teams }) => teams.get('x')],
  [
    'messaging/GET_team_memberships.200',
    ({ teamMemberships }) => collect(teamMemberships.list({ teamId: 'x' })),
  ],
  ['messaging/GET_team_memberships_membershipId.200', ({ teamMemberships }) => teamMemberships.get('x')],
  ['messaging/GET_webhooks.200', ({ webhooks }) => collect(webhooks.list())],
  ['messaging/GET_webhooks_webhookId.200', ({ webhooks }) => webhooks.get('x')],
  ['messaging/GET_attachment_actions_id.200', ({ attachmentActions }) => attachmentActions.get('x')],
  [
    'messaging/POST_attachment_actions.202',
    ({ attachmentActions }) => attachmentActions.create({ type: 'submit', messageId: 'x', inputs: {} }),
  ],
  ['admin/GET_organizations.200', ({ organizations }) => collect(organizations.list())],
  ['admin/GET_organizations_orgId.200', ({ organizations }) => organizations.get('x')],
  ['device/GET_devices.200', ({ devices }) => collect(devices.list())],
  ['device/GET_devices_deviceId.200', ({ devices }) => devices.get('x')],
  ['admin/POST_guests_token.200', ({ access }) => access.createGuest({ subject: 'x', displayName: 'x' })],
];

describe('the Webex client', () => {
  it.skipIf(root === undefined)('has published examples where ROOMD_FIXTURES says', () => {
    expect(existsSync(folder), `${folder} is missing`).toBe(true);
  });

  it.skipIf(root === undefined).each(CALLS)('reads every field that it has of %s', async (file, read) => {
    const text = readFileSync(join(folder, `${file}.example.json`), 'utf8');
    const result = await read(clientOf({ url: await serve(text) }, { token: new Secret('x') }));
    const example = JSON.parse(text) as { items?: object[] };
    const published = example.items ?? [example];
    const items: object[] = Array.isArray(result) ? result : [result];
    expect(items).toHaveLength(published.length);
    for (const [index, item] of items.entries()) {
      const expected = new Map(Object.entries(published[index] ?? {}));
      const common = Object.entries(item).filter(([key]) => expected.has(key));
      expect(common.length).toBeGreaterThan(2);
      for (const [key, value] of common)
        expect([key, value instanceof Secret ? value.reveal() : value]).toEqual([key, expected.get(key)]);
    }
  });
});

/** A service that always answers the same. */
async function serve(text: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
