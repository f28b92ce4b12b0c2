import { Buffer } from 'node:buffer';
import { startWebexStandIn, type WebexStandIn } from '../../../src/simulator/cloud/webex.ts';
import { cloudDevice } from '../../support/webex-devices.ts';

export const PEOPLE = {
  ada: { personId: 'ada', email: 'ada@example.com', displayName: 'Ada', type: 'person', isAdmin: true },
  bob: { personId: 'bob', email: 'bob@example.com', displayName: 'Bob', type: 'person' },
} as const;

export const APP = {
  clientId: 'C1',
  clientSecret: 'app-secret',
  applicationId: 'A1',
  redirectUri: 'https://roomd.example.com/granted',
  actsAs: 'ada@example.com',
} as const;

export const CARD = {
  type: 'AdaptiveCard',
  version: '1.3',
  body: [{ type: 'TextBlock', text: 'Free the room?' }],
  actions: [{ type: 'Action.Submit', title: 'Yes', data: { answer: 'yes' } }],
};

export const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

/** Ids of things that exist before an operation is tried. */
type Ids = Readonly<
  Record<
    'room' | 'message' | 'card' | 'team' | 'membership' | 'teamMembership' | 'webhook' | 'action' | 'org',
    string
  >
>;

/** An operation of the specification, tried with a body on things that exist. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As the specification writes it. */
  readonly path: string;
  readonly status: number;
  /** What stands for the path's parameter, and its query. */
  readonly id?: (ids: Ids) => string;
  readonly query?: (ids: Ids) => string;
  readonly body?: (ids: Ids) => object;
}

const title = () => ({ title: 'Oslo', description: 'Third floor' });
const hook = () => ({
  name: 'roomd',
  targetUrl: 'http://127.0.0.1:9/',
  resource: 'messages',
  event: 'created',
  filter: 'roomId=x',
  secret: 's',
});

export const OPERATIONS: readonly Operation[] = [
  { method: 'get', path: '/people', status: 200, query: () => 'email=bob@example.com' },
  {
    method: 'post',
    path: '/people',
    status: 200,
    body: () => ({ emails: ['eve@example.com'], displayName: 'Eve' }),
  },
  { method: 'get', path: '/people/me', status: 200 },
  { method: 'get', path: '/people/{personId}', status: 200, id: () => 'bob' },
  {
    method: 'put',
    path: '/people/{personId}',
    status: 200,
    id: () => 'bob',
    body: () => ({ displayName: 'Rob' }),
  },
  { method: 'delete', path: '/people/{personId}', status: 204, id: () => 'bob' },
  { method: 'get', path: '/rooms', status: 200 },
  {
    method: 'post',
    path: '/rooms',
    status: 200,
    body: ({ team }) => ({ ...title(), teamId: team, isLocked: true }),
  },
  { method: 'get', path: '/rooms/{roomId}', status: 200, id: ({ room }) => room },
  { method: 'put', path: '/rooms/{roomId}', status: 200, id: ({ room }) => room, body: title },
  { method: 'delete', path: '/rooms/{roomId}', status: 204, id: ({ room }) => room },
  { method: 'get', path: '/memberships', status: 200, query: ({ room }) => `roomId=${room}` },
  {
    method: 'post',
    path: '/memberships',
    status: 200,
    body: ({ room }) => ({ roomId: room, personEmail: 'eve@example.com', isModerator: true }),
  },
  { method: 'get', path: '/memberships/{membershipId}', status: 200, id: ({ membership }) => membership },
  {
    method: 'put',
    path: '/memberships/{membershipId}',
    status: 200,
    id: ({ membership }) => membership,
    body: () => ({ isModerator: true, isRoomHidden: false }),
  },
  { method: 'delete', path: '/memberships/{membershipId}', status: 204, id: ({ membership }) => membership },
  { method: 'get', path: '/messages', status: 200, query: ({ room }) => `roomId=${room}` },
  {
    method: 'post',
    path: '/messages',
    status: 200,
    body: ({ room, message }) => ({
      roomId: room,
      parentId: message,
      markdown: '**on** <@personEmail:bob@example.com>',
    }),
  },
  { method: 'get', path: '/messages/direct', status: 200, query: () => 'personEmail=bob@example.com' },
  { method: 'get', path: '/messages/{messageId}', status: 200, id: ({ card }) => card },
  {
    method: 'put',
    path: '/messages/{messageId}',
    status: 200,
    id: ({ message }) => message,
    body: ({ room }) => ({ roomId: room, markdown: 'changed' }),
  },
  { method: 'delete', path: '/messages/{messageId}', status: 204, id: ({ message }) => message },
  { method: 'get', path: '/teams', status: 200 },
  { method: 'post', path: '/teams', status: 200, body: () => ({ name: 'Facilities', description: 'Rooms' }) },
  { method: 'get', path: '/teams/{teamId}', status: 200, id: ({ team }) => team },
  {
    method: 'put',
    path: '/teams/{teamId}',
    status: 200,
    id: ({ team }) => team,
    body: () => ({ name: 'Rooms' }),
  },
  { method: 'delete', path: '/teams/{teamId}', status: 204, id: ({ team }) => team },
  { method: 'get', path: '/team/memberships', status: 200, query: ({ team }) => `teamId=${team}` },
  {
    method: 'post',
    path: '/team/memberships',
    status: 200,
    body: ({ team }) => ({ teamId: team, personEmail: 'bob@example.com', isModerator: false }),
  },
  {
    method: 'get',
    path: '/team/memberships/{membershipId}',
    status: 200,
    id: ({ teamMembership }) => teamMembership,
  },
  {
    method: 'put',
    path: '/team/memberships/{membershipId}',
    status: 200,
    id: ({ teamMembership }) => teamMembership,
    body: () => ({ isModerator: true }),
  },
  {
    method: 'delete',
    path: '/team/memberships/{membershipId}',
    status: 204,
    id: ({ teamMembership }) => teamMembership,
  },
  { method: 'get', path: '/webhooks', status: 200 },
  { method: 'post', path: '/webhooks', status: 200, body: hook },
  { method: 'get', path: '/webhooks/{webhookId}', status: 200, id: ({ webhook }) => webhook },
  {
    method: 'put',
    path: '/webhooks/{webhookId}',
    status: 200,
    id: ({ webhook }) => webhook,
    body: () => ({ name: 'roomd', targetUrl: 'http://127.0.0.1:9/', status: 'active' }),
  },
  { method: 'delete', path: '/webhooks/{webhookId}', status: 204, id: ({ webhook }) => webhook },
  {
    method: 'post',
    path: '/attachment/actions',
    status: 202,
    body: ({ card }) => ({ type: 'submit', messageId: card, inputs: { answer: 'yes' } }),
  },
  { method: 'get', path: '/attachment/actions/{id}', status: 200, id: ({ action }) => action },
  { method: 'get', path: '/devices', status: 200, query: () => 'type=roomdesk' },
  { method: 'get', path: '/devices/{deviceId}', status: 200, id: () => 'device-1' },
  { method: 'get', path: '/organizations', status: 200 },
  { method: 'get', path: '/organizations/{orgId}', status: 200, id: ({ org }) => org },
  { method: 'get', path: '/authorizations/tokenExpiry', status: 200 },
  {
    method: 'post',
    path: '/guests/token',
    status: 200,
    body: () => ({ subject: 'one', displayName: 'Guest' }),
  },
  {
    method: 'post',
    path: '/applications/{applicationId}/token',
    status: 200,
    id: () => APP.applicationId,
    body: ({ org }) => ({ clientId: APP.clientId, clientSecret: APP.clientSecret, targetOrgId: org }),
  },
];

/** A stand-in where one of everything exists, what a call of an operation answers, and the end of it. */
export async function operate(
  { method, path, id, query, body }: Operation,
  { slash = false }: { slash?: boolean } = {},
): Promise<{ status: number; json: unknown; standIn: WebexStandIn }> {
  const standIn = await startWebexStandIn({
    tokens: { ada: PEOPLE.ada, bob: PEOPLE.bob },
    apps: [APP],
    devices: [cloudDevice(1)],
  });
  try {
    const ids = await furnish(standIn);
    const target = path.replace(/\{.*\}/, encodeURIComponent(id?.(ids) ?? ''));
    const asked = `${target}${slash ? '/' : ''}${query === undefined ? '' : `?${query(ids)}`}`;
    return { ...(await send(standIn, method.toUpperCase(), asked, body?.(ids))), standIn };
  } finally {
    await standIn.stop();
  }
}

async function furnish(standIn: WebexStandIn): Promise<Ids> {
  const make = async (path: string, body: object): Promise<string> => {
    const { status, json } = await send(standIn, 'POST', path, body);
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`);
    return (json as { id: string }).id;
  };
  const team = await make('/teams', { name: 'Facilities', description: 'Rooms' });
  const room = await make('/rooms', { title: 'Operations', description: 'All rooms', teamId: team });
  const membership = await make('/memberships', { roomId: room, personEmail: 'bob@example.com' });
  const message = await make('/messages', {
    roomId: room,
    markdown: 'parent <@personEmail:ada@example.com>',
  });
  await make('/messages', {
    toPersonEmail: 'bob@example.com',
    text: 'direct',
    files: ['https://example.com/a.png'],
  });
  const attachments = [{ contentType: CARD_TYPE, content: CARD }];
  const card = await make('/messages', { roomId: room, text: 'Free the room?', attachments });
  const action = standIn.press('bob@example.com', card, { answer: 'no' });
  const teamMembership = standIn.teamMemberships[0]?.id ?? '';
  const webhook = await make('/webhooks', hook());
  const { json } = await send(standIn, 'GET', '/organizations');
  const org = (json as { items: { id: string }[] }).items[0]?.id ?? '';
  return { room, message, card, team, membership, teamMembership, webhook, action, org };
}

/** One call by Ada; JSON where the answer is that. */
export async function send(
  { url }: Pick<WebexStandIn, 'url'>,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: 'Bearer ada', ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = Buffer.from(await response.arrayBuffer()).toString();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}
