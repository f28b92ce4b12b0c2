import { type Compilable, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { newQueryBuilder } from '../storage/query-builder.ts';
import type { Action } from './action.ts';
import { components, pageOf, Time } from './answers.ts';
import { CursorInput, placeIn, writeCursor } from './cursor.ts';
import { DEED_KINDS, DEED_SOURCES, type DeedKind, type DeedSource } from './deeds/sources.ts';
import { type DeedDetail, deedWords } from './deeds/words.ts';
import { auditedDeviceId, momentOf } from './history.ts';
import { rfc3339 } from './present.ts';

const Input = z.strictObject({
  device: z
    .string()
    .nullable()
    .default(null)
    .describe('Only what is about this one device; also one that the file no longer names.'),
  actor: z.string().nullable().default(null).describe('Who: `cli:anna`, `user:anna`, `token:grafana`.'),
  since: z
    .string()
    .nullable()
    .default(null)
    .describe('How far back, such as `7d`, or a time such as `2026-03-01T08:00:00Z`.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: CursorInput,
});

export const ShownDeed = z
  .strictObject({
    at: Time,
    actor: z.string(),
    kind: z.enum(DEED_KINDS),
    device: z.string().nullable().describe('As it is called now; null where it is about none alone.'),
    what: z.string().describe('The rest of a sentence that begins with who did it.'),
    id: z.string().nullable().describe('Of the revision, alert, run or campaign.'),
  })
  .register(components, { id: 'Deed' });
export type ShownDeed = z.output<typeof ShownDeed>;

export const DeedList = pageOf(ShownDeed);
export type DeedList = z.output<typeof DeedList>;

/** What people did besides writing settings, which `history.all` tells. */
export const deeds: Action<z.output<typeof Input>, DeedList> = {
  name: 'deeds',
  summary:
    'What people did, newest first: approvals, holds, maintenances, alerts looked after, macros by hand, trust, retiring, erasing, campaigns, tokens and users, the bot.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/deeds' },
  input: Input,
  answer: DeedList,
  async run({ device, actor, since, limit, cursor }, ports, _caller, options) {
    const { database, deviceIds } = ports.scoped;
    const asked = {
      deviceIds,
      deviceId: device === null ? null : await auditedDeviceId(ports, device, options),
      actor,
      since: since === null ? 0 : momentOf(since, ports.now()),
      limit,
      before: placeOf(cursor),
    };
    const found = await database.read(pageOfAll(asked), options);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(show),
      nextCursor: last === undefined || found.length <= limit ? null : cursorOf(last),
    };
  },
};

/** Deeds stand in the order of time, then of their source, then of their number there. */
interface Place {
  readonly at: number;
  readonly source: number;
  readonly number: number;
}

interface Asked {
  /** Those that the caller is limited to; null: all, and what is about no single device. */
  readonly deviceIds: ReadonlySet<number> | null;
  readonly deviceId: number | null;
  readonly actor: string | null;
  readonly since: number;
  readonly limit: number;
  readonly before: Place | null;
}

interface Row extends Place {
  readonly kind: DeedKind;
  readonly actor: string;
  readonly device: string | null;
  readonly detail_json: string;
}

const BUILDER = newQueryBuilder<unknown>();

/** One page of all sources, and one row more; of each no more is read than that. */
function pageOfAll(asked: Asked): Compilable<Row> {
  const parts = DEED_SOURCES.map((source, at) => sql`SELECT * FROM (${pageFrom(source, at, asked)})`);
  const text = sql<Row>`${sql.join(parts, sql` UNION ALL `)}
    ORDER BY at DESC, source DESC, number DESC LIMIT ${asked.limit + 1}`;
  return { compile: () => text.compile(BUILDER) };
}

function pageFrom(source: DeedSource, position: number, asked: Asked): RawBuilder<unknown> {
  const { table, number, kind, at, actor, device, detail, where } = source;
  const by = asked.actor === null ? sql`1` : sql`${actor} = ${asked.actor}`;
  const about = asked.deviceId === null ? sql`1` : sql`${device} = ${asked.deviceId}`;
  const within =
    asked.deviceIds === null
      ? sql`1`
      : sql`${device} IN (SELECT value FROM json_each(${JSON.stringify([...asked.deviceIds])}))`;
  return sql`SELECT ${number} AS number, ${position} AS source, ${kind} AS kind, ${at} AS at, ${actor} AS actor,
    (SELECT name FROM device WHERE id = ${device}) AS device, ${detail} AS detail_json
    FROM ${table}
    WHERE ${where} AND ${by} AND ${about} AND ${within} AND ${at} >= ${asked.since} AND ${beyond(source, position, asked)}
    ORDER BY ${at} DESC, ${number} DESC LIMIT ${asked.limit + 1}`;
}

function beyond({ at, number }: DeedSource, position: number, { before }: Asked): RawBuilder<unknown> {
  if (before === null) return sql`1`;
  if (position === before.source) return sql`(${at}, ${number}) < (${before.at}, ${before.number})`;
  return position < before.source ? sql`${at} <= ${before.at}` : sql`${at} < ${before.at}`;
}

const ORDER = 'deeds';

const DeedPlace = z.tuple([z.int(), z.int(), z.int()]);

function cursorOf({ at, source, number }: Place): string {
  return writeCursor([at, source, number], ORDER);
}

/** @throws ActionError `bad-input` */
function placeOf(cursor: string | null): Place | null {
  const place = placeIn(cursor, ORDER, DeedPlace);
  if (place === null) return null;
  const [at, source, number] = place;
  return { at, source, number };
}

function show({ at, actor, kind, device, detail_json }: Row): ShownDeed {
  const detail = JSON.parse(detail_json) as DeedDetail;
  const { id = null } = detail;
  return {
    at: rfc3339(at),
    actor,
    kind,
    device,
    what: deedWords(kind, detail),
    id: typeof id === 'string' ? id : null,
  };
}
