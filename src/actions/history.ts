import { z } from 'zod';
import { type AuditedWrite, auditedDevice, readAudit } from '../fleet/audit.ts';
import { readDuration, Wrong } from '../fleet/forms.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { canonicalPath, PathError, type PathText } from '../xapi/path.ts';
import { type Action, ActionError } from './action.ts';
import { components, pageOf, Time } from './answers.ts';
import { seqIn, seqPageShape, writeCursor } from './cursor.ts';
import { noDevice } from './no-device.ts';
import type { Ports } from './ports.ts';
import { rfc3339, ShownCommit, showCommit } from './present.ts';

const Input = z.strictObject({
  name: z.string(),
  path: z.string().nullable().default(null).describe('A setting, or a node and everything below it.'),
  since: z
    .string()
    .nullable()
    .default(null)
    .describe('How far back, such as `7d`, or a time such as `2026-03-01T08:00:00Z`.'),
  ...seqPageShape,
});

export const ShownWrite = z
  .strictObject({
    commit: ShownCommit.nullable(),
    at: Time,
    settledAt: Time.nullable(),
    seq: z.int(),
    device: z.string().describe('As it is called now, or was when the file named it last.'),
    id: z.string(),
    actor: z.string().describe('`cli:anna`, `token:grafana`, `drift`.'),
    revision: z
      .string()
      .nullable()
      .describe('The approved revision that it carried out; null where there was none, as for a restore.'),
    resource: z.string().describe('Resource kind: `configuration`, `feedback-slot`.'),
    path: z.string(),
    before: z.string().nullable().describe('What the device held; null where it had nothing there.'),
    after: z.string(),
    state: z.enum([
      'accepted',
      'refused',
      'unknown',
      'intended',
      'withdrawn',
      'differs',
      'accepted-unreadable',
    ]),
    answer: z
      .string()
      .nullable()
      .describe('What the device answered, or why it was not proven; null for a plain success.'),
  })
  .register(components, { id: 'Write' });
export type ShownWrite = z.output<typeof ShownWrite>;

export const History = pageOf(ShownWrite);
export type History = z.output<typeof History>;

export const history: Action<z.output<typeof Input>, History> = {
  name: 'history',
  summary:
    'Every write to a device, newest first: who, when, on which revision, before, after and what it answered.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/history' },
  input: Input,
  answer: History,
  async run({ name, path, since, limit, cursor }, ports, _caller, options) {
    const deviceId = await auditedDeviceId(ports, name, options);
    const writes = await readAudit(
      ports.scoped.database,
      {
        deviceId,
        path: path === null ? null : pathOf(path),
        since: since === null ? null : momentOf(since, ports.now()),
        before: seqIn(cursor, ORDER),
        limit,
      },
      options,
    );
    return shown(writes, limit);
  },
};

const AllInput = z.strictObject({
  device: z
    .string()
    .nullable()
    .default(null)
    .describe('All devices where absent; also one that the file no longer names.'),
  path: Input.shape.path,
  actor: z.string().nullable().default(null).describe('Who wrote: `cli:anna`, `token:grafana`, `drift`.'),
  revision: z.string().nullable().default(null).describe('The id of the revision that was carried out.'),
  since: Input.shape.since,
  until: z.string().nullable().default(null).describe('Until when, written alike; now where absent.'),
  ...seqPageShape,
});

export const wholeHistory: Action<z.output<typeof AllInput>, History> = {
  name: 'history.all',
  summary: 'Every write to any device, newest first, by device, path, actor, revision and time.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/history' },
  input: AllInput,
  answer: History,
  async run({ device, path, actor, revision, since, until, limit, cursor }, ports, _caller, options) {
    const { database, deviceIds } = ports.scoped;
    const filter = {
      ...(deviceIds === null ? {} : { deviceIds: [...deviceIds] }),
      ...(device === null ? {} : { deviceId: await auditedDeviceId(ports, device, options) }),
      ...(actor === null ? {} : { actor }),
      ...(revision === null ? {} : { revision }),
      ...(until === null ? {} : { until: momentOf(until, ports.now()) }),
      path: path === null ? null : pathOf(path),
      since: since === null ? null : momentOf(since, ports.now()),
      before: seqIn(cursor, ORDER),
      limit,
    };
    return shown(await readAudit(database, filter, options), limit);
  },
};

const ORDER = 'history';

function shown(writes: readonly AuditedWrite[], limit: number): History {
  const last = writes.at(-1);
  return {
    items: writes.map(showWrite),
    nextCursor: last === undefined || writes.length < limit ? null : writeCursor([last.seq], ORDER),
  };
}

/** Also of a device that the file no longer names: what was written stays on record. @throws ActionError `not-found` */
export async function auditedDeviceId(
  ports: Pick<Ports, 'scoped' | 'fleet'>,
  name: string,
  options: AbortOptions,
): Promise<number> {
  const { database, deviceIds } = ports.scoped;
  const id = await auditedDevice(database, name, options);
  if (id === null || deviceIds?.has(id) === false) throw noDevice(ports, name);
  return id;
}

/** `7d` ago, or the time itself. @throws ActionError `bad-input` */
export function momentOf(text: string, now: number): number {
  const instant = z.iso.datetime({ offset: true }).safeParse(text);
  if (instant.success) return Date.parse(instant.data);
  const ago = readDuration(text);
  if (ago instanceof Wrong)
    throw new ActionError(
      'bad-input',
      `"${text}" is no time: write how long ago, such as 7d or 12h, or a time such as 2026-03-01T08:00:00Z`,
    );
  return now - ago;
}

function pathOf(text: string): PathText {
  try {
    return canonicalPath(text.replace(/^x?configuration[\s/.]+/i, ''));
  } catch (error) {
    if (error instanceof PathError) throw new ActionError('bad-input', error.message, { cause: error });
    throw error;
  }
}

function showWrite({ at, settledAt, commit, ...write }: AuditedWrite) {
  return { ...write, commit: showCommit(commit), at: rfc3339(at), settledAt: rfc3339(settledAt) };
}
