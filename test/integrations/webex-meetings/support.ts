import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { MeetingsError } from '../../../src/integrations/webex-meetings/errors.ts';
import type { MeetingPlan, MeetingService } from '../../../src/integrations/webex-meetings/meetings.ts';
import {
  RestMeetings,
  type RestMeetingsOptions,
} from '../../../src/integrations/webex-meetings/rest-client.ts';
import {
  createXmlMeetings,
  type XmlMeetingsOptions,
} from '../../../src/integrations/webex-meetings/xml-client.ts';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import {
  type MeetingsStandIn,
  type MeetingsStandInOptions,
  startMeetingsStandIn,
} from '../../../src/simulator/cloud/meetings.ts';

export const clock = systemClock();
export const ada = {
  webExId: 'ada',
  email: 'ada@example.com',
  displayName: 'Ada',
  password: 'right',
  tokens: ['ada-token'],
};
export const bob = {
  webExId: 'bob',
  email: 'bob@example.com',
  displayName: 'Bob',
  password: 'other',
  tokens: ['bob-token'],
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Called when the test ends, before what was registered earlier. */
function whenDone(close: () => Promise<unknown>): void {
  closing.unshift(close);
}

export async function standInFor(options: Partial<MeetingsStandInOptions> = {}): Promise<MeetingsStandIn> {
  const standIn = await startMeetingsStandIn({ accounts: [ada, bob], ...options });
  whenDone(standIn.stop);
  return standIn;
}

/** The address of a server that answers as told until the test ends. */
export async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  whenDone(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface ClientOptions {
  readonly clock?: Clock;
  readonly secret?: () => Promise<Secret>;
  readonly deadlineMs?: number;
}

export function restFor(
  { restUrl }: { restUrl: string },
  { clock: own = clock, secret, ...options }: ClientOptions & Partial<RestMeetingsOptions> = {},
): MeetingService {
  const token = secret ?? (() => Promise.resolve(new Secret('ada-token')));
  const service = new RestMeetings({ baseUrl: restUrl, token, ...options }, { clock: own });
  whenDone(() => service.close());
  return service;
}

export function xmlFor(
  { xmlUrl }: { xmlUrl: string },
  { clock: own = clock, secret, ...options }: ClientOptions & Partial<XmlMeetingsOptions> = {},
): MeetingService {
  const credential = {
    kind: 'password' as const,
    secret: secret ?? (() => Promise.resolve(new Secret('right'))),
  };
  const service = createXmlMeetings(
    { url: xmlUrl, siteName: 'example', webExId: 'ada', credential, ...options },
    { clock: own },
  );
  whenDone(() => service.close());
  return service;
}

const MINUTE_MS = 60_000;

/** A whole minute, tomorrow. */
export function tomorrow(): number {
  return Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS + 24 * 60 * MINUTE_MS;
}

export function planOf(
  plan: Partial<Omit<MeetingPlan, 'time'>> & { start?: number; minutes?: number; timezone?: string } = {},
): MeetingPlan {
  const { start = tomorrow(), minutes = 30, timezone = 'Europe/Berlin', ...rest } = plan;
  return {
    title: 'Stand-up',
    agenda: null,
    time: { start, end: start + minutes * MINUTE_MS, timezone },
    invitees: [],
    sendEmail: false,
    joinBeforeHost: true,
    password: new Secret('Sesame-1'),
    ...rest,
  };
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export async function failureOf(work: Promise<unknown>): Promise<MeetingsError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof MeetingsError) return thrown;
  throw new Error(`expected a MeetingsError, met ${String(thrown)}`);
}

/** Both APIs: how to make a client, and what the stand-in calls its requests. */
export const APIS = [
  {
    api: 'REST',
    client: restFor,
    create: 'POST /meetings',
    get: 'GET /meetings/ID',
    remove: 'DELETE /meetings/ID',
  },
  { api: 'the XML API', client: xmlFor, create: 'CreateMeeting', get: 'GetMeeting', remove: 'DelMeeting' },
];
