import { z } from 'zod';
import { availabilityOf, sessionHistory } from '../feedback/session-history.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, components, SessionWordAnswer, Time } from './answers.ts';
import { viewOf } from './devices.ts';
import { momentOf } from './history.ts';
import type { DeviceView, Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const ListInput = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
});

export const ShownSession = z
  .strictObject({
    device: z.string(),
    word: SessionWordAnswer,
    since: Time,
    reason: z.string().nullable(),
  })
  .register(components, { id: 'Session' });
export type ShownSession = z.output<typeof ShownSession>;

export const SessionList = allOf(ShownSession);
export type SessionList = z.output<typeof SessionList>;

export const SessionPast = z.strictObject({
  now: ShownSession,
  from: Time,
  to: Time,
  availability: z.strictObject({
    share: z
      .number()
      .nullable()
      .describe(
        'Of the time that is known, the part in which the session was up, if only in part: 0 to 1; null where nothing is known.',
      ),
    upSeconds: z.int(),
    degradedSeconds: z.int(),
    outSeconds: z.int(),
    unknownSeconds: z.int(),
  }),
  items: z
    .array(
      z.strictObject({
        from: Time,
        to: Time.nullable(),
        word: SessionWordAnswer,
        reason: z.string().nullable(),
        seconds: z.int(),
      }),
    )
    .readonly(),
  nextCursor: z.null(),
});
export type SessionPast = z.output<typeof SessionPast>;

export const listSessions: Action<z.output<typeof ListInput>, SessionList> = {
  name: 'sessions',
  summary: 'How the session of each device stands, since when and why.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/sessions' },
  input: ListInput,
  answer: SessionList,
  async run({ devices }, ports) {
    const wanted = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const views = ports.devices().filter(({ name }) => wanted.has(name));
    return { items: views.map(showSession), nextCursor: null };
  },
};

const Input = z.strictObject({
  name: z.string(),
  since: z
    .string()
    .default('7d')
    .describe('From when: how long ago, such as `12h` or `7d`, or a time in RFC 3339.'),
});

export const deviceSessions: Action<z.output<typeof Input>, SessionPast> = {
  name: 'device.sessions',
  summary: 'The session of one device: how it stands, how it stood, and its availability.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/sessions' },
  input: Input,
  answer: SessionPast,
  async run({ name, since }, ports, _caller, options) {
    const view = viewOf(ports, name);
    const span = spanSince(since, ports);
    const deviceId = ports.deviceId(name);
    const past =
      deviceId === null ? [] : await sessionHistory(ports.scoped.database, { deviceId, ...span }, options);
    const { share, ...times } = availabilityOf(past, span);
    return {
      now: showSession(view),
      from: rfc3339(span.from),
      to: rfc3339(span.to),
      availability: {
        share,
        upSeconds: seconds(times.upMs),
        degradedSeconds: seconds(times.degradedMs),
        outSeconds: seconds(times.outMs),
        unknownSeconds: seconds(times.unknownMs),
      },
      items: past.map(({ from, to, word, reason }) => ({
        from: rfc3339(from),
        to: rfc3339(to),
        word,
        reason,
        seconds: seconds((to ?? span.to) - from),
      })),
      nextCursor: null,
    };
  },
};

function spanSince(since: string, ports: Ports): { from: number; to: number } {
  const to = ports.now();
  const from = momentOf(since, to);
  if (from < to) return { from, to };
  throw new ActionError('bad-input', `since: ${since} lies in the future`);
}

function showSession({ name, session }: DeviceView): ShownSession {
  const { word, since, reason } = session;
  return { device: name, word, since: rfc3339(since), reason };
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
