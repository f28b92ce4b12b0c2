import { z } from 'zod';
import { readTimeline, type TimelineItem, type TimelinePlace } from '../feedback/timeline.ts';
import { TIMELINE_KINDS } from '../feedback/timeline-sources.ts';
import { titleOf } from '../feedback/timeline-titles.ts';
import { matches } from '../fleet/selector.ts';
import { parseSelector } from '../fleet/selector-parse.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time } from './answers.ts';
import { placeIn, writeCursor } from './cursor.ts';
import { viewOf } from './devices.ts';
import { momentOf } from './history.ts';
import { kindsIn } from './kinds.ts';
import { noDevice } from './no-device.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  name: z.string(),
  since: z
    .string()
    .default('1d')
    .describe('From when on, such as `1d` ago, or a time such as `2026-03-01T08:00:00Z`.'),
  until: z.string().nullable().default(null).describe('Until when, written alike; now where absent.'),
  kinds: z
    .string()
    .nullable()
    .default(null)
    .describe(`Kinds, with commas between them: ${TIMELINE_KINDS.join(', ')}.`),
  after: z.string().nullable().default(null).describe('`nextCursor` of a page: what comes after it.'),
  before: z
    .string()
    .nullable()
    .default(null)
    .describe('`previousCursor` of a page: what comes before it; `end`: the last page.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export const ShownTimelineItem = z
  .strictObject({
    at: Time,
    until: Time.nullable(),
    kind: z.enum([
      'session',
      'configuration',
      'presence',
      'maintenance',
      'software',
      'slot',
      'standby',
      'write',
      'call',
      'booking',
      'in-use',
      'peripheral',
      'diagnostic',
      'reboot',
      'event',
      'gap',
      'hold',
      'slot-token',
      'flood',
      'run',
      'fight',
      'trust',
      'retire',
      'macro-log',
      'alert',
    ]),
    id: z.string().describe('Names the item within its device: `call/12`.'),
    title: z.string().describe('A sentence.'),
    detail: z.record(z.string(), z.unknown()),
    isOpen: z.boolean().describe('It had no end when it was read.'),
  })
  .register(components, { id: 'TimelineItem' });
export type ShownTimelineItem = z.output<typeof ShownTimelineItem>;

export const Timeline = z.strictObject({
  name: z.string(),
  timezone: z.string().describe("IANA name of the room's time zone."),
  items: z.array(ShownTimelineItem).readonly().describe('In the order of time, whichever way one pages.'),
  nextCursor: z.string().nullable().describe('Give it as `after`; null where nothing comes after this page.'),
  previousCursor: z
    .string()
    .nullable()
    .describe('Give it as `before`; null where nothing comes before this page.'),
});
export type Timeline = z.output<typeof Timeline>;

export const timeline: Action<z.output<typeof Input>, Timeline> = {
  name: 'timeline',
  summary:
    'What happened to one device and what lasted there, on one axis: presence, calls, bookings, configuration, macros, reboots, gaps and more; not what sensors measured.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/timeline' },
  input: Input,
  answer: Timeline,
  async run({ name, since, until, kinds, after, before, limit }, ports, _caller, options) {
    const { timezone } = viewOf(ports, name);
    const deviceId = ports.deviceId(name);
    if (deviceId === null) throw noDevice(ports, name);
    if (after !== null && before !== null)
      throw new ActionError('bad-input', 'give "after" or "before", not both');
    const now = ports.now();
    const [from, to] = [momentOf(since, now), until === null ? now + 1 : momentOf(until, now)];
    if (to <= from) throw new ActionError('bad-input', '"until" must be later than "since"');
    const query = {
      deviceId,
      selectors: await selectorsOver(ports, name),
      from,
      to,
      kinds: kindsIn(kinds, TIMELINE_KINDS),
      after: readPlace(after),
      before: before === 'end' ? END : readPlace(before),
      limit,
    };
    const { items, first, last, hasMore } = await readTimeline(ports.scoped.database, query, options);
    const isBackwards = before !== null;
    const hasNext = isBackwards || hasMore;
    const hasPrevious = isBackwards ? hasMore : after !== null;
    return {
      name,
      timezone,
      items: items.map((item) => ({
        ...(ports.scoped.deviceIds === null ? item : readable(item, name)),
        at: rfc3339(item.at),
        until: rfc3339(item.until),
      })),
      nextCursor: hasNext && last !== null ? cursorOf(last) : null,
      previousCursor: hasPrevious && first !== null ? cursorOf(first) : null,
    };
  },
};

/** The selector of a hold may name devices that the reader may not see. */
function readable(item: TimelineItem, name: string): TimelineItem {
  if (typeof item.detail['selector'] !== 'string') return item;
  const detail = { ...item.detail, selector: name };
  return { ...item, detail, title: titleOf(item.kind, detail) };
}

/** The selectors of all holds ever that take the device in, as the file tags it now. */
async function selectorsOver(ports: Ports, name: string): Promise<string[]> {
  const device = ports.fleet().devices.find((one) => one.name === name);
  if (device === undefined) return [];
  const { database } = ports.scoped;
  const rows = await database.read(database.query.selectFrom('hold').select('selector').distinct());
  return rows.flatMap(({ selector }) =>
    selector !== null && matches(parseSelector(selector), device) ? [selector] : [],
  );
}

const ORDER = 'timeline';
const Place = z.tuple([z.int(), z.int(), z.int()]);

function cursorOf({ at, source, number }: TimelinePlace): string {
  return writeCursor([at, source, number], ORDER);
}

/** Nothing comes after it. */
const END: TimelinePlace = { at: 8.64e15, source: 0, number: 0 };

function readPlace(cursor: string | null): TimelinePlace | null {
  const place = placeIn(cursor, ORDER, Place);
  return place === null ? null : { at: place[0], source: place[1], number: place[2] };
}
