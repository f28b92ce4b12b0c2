import type { Database } from '../storage/database.ts';
import type { FeedbackEvent, MacroLogPayload } from './event.ts';

/** A macro in a loop must not fill the disk. */
export const MOST_A_MINUTE = 120;
export const MESSAGE_LENGTH = 1_000;

/** Brings the lines of one device's macro log into the form in which they are kept, and drops those that are too many. */
export class MacroLogFilter {
  readonly #secret: string;
  #minute = 0;
  #kept = 0;
  #leftOut = 0;

  /** @param secret what no line may repeat, such as the device's password; empty for nothing */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The events, those of other kinds as they are. */
  keep(events: readonly FeedbackEvent[], now: number): FeedbackEvent[] {
    return events.flatMap((event) => {
      if (event.kind !== 'event' || !isMacroLog(event.path)) return [event];
      const minute = Math.floor(now / 60_000);
      if (minute !== this.#minute) this.#kept = 0;
      this.#minute = minute;
      if (this.#kept >= MOST_A_MINUTE) {
        this.#leftOut += 1;
        return [];
      }
      const line = lineOf(new Map(Object.entries(event.payload.arguments)), this.#secret);
      const payload = { ...line, leftOut: this.#leftOut };
      this.#kept += 1;
      this.#leftOut = 0;
      return [{ kind: 'macro-log' as const, path: MACRO_LOG, payload }];
    });
  }
}

const MACRO_LOG = 'Macros.Log';

function isMacroLog(path: string): boolean {
  return path.replaceAll(/\[\d+\]/g, '').toLowerCase() === 'macros.log';
}

/** A line by the names that the event has in the schemas (26.4.1). */
export function lineOf(
  fields: ReadonlyMap<string, string>,
  secret: string,
): Omit<MacroLogPayload, 'leftOut'> {
  const offset = Number(fields.get('Offset') ?? '');
  return {
    level: oneLine(fields.get('Level') ?? '').slice(0, 20),
    macro: oneLine(fields.get('Macro') ?? '').slice(0, 255),
    message: shortened(oneLine(without(fields.get('Message') ?? '', secret))),
    offset: fields.has('Offset') && Number.isInteger(offset) ? offset : null,
    at: fields.get('Timestamp') ?? null,
  };
}

function without(text: string, secret: string): string {
  return secret === '' ? text : text.replaceAll(secret, '[secret]');
}

function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

function shortened(text: string): string {
  return text.length <= MESSAGE_LENGTH ? text : `${text.slice(0, MESSAGE_LENGTH - 1)}…`;
}

/** Lines that were recorded, oldest first: the newest `limit` of those since then. */
export async function readMacroLog(
  database: Database,
  { deviceId, since, limit }: { deviceId: number; since: number; limit: number },
): Promise<{ readonly seq: number; readonly receivedAt: number; readonly line: MacroLogPayload }[]> {
  const rows = await database.read(
    database.query
      .selectFrom('event')
      .select(['seq', 'received_at', 'payload_json'])
      .where('device_id', '=', deviceId)
      .where('kind', '=', 'macro-log')
      .where('received_at', '>=', since)
      .orderBy('seq', 'desc')
      .limit(limit),
  );
  return rows.toReversed().map(({ seq, received_at: receivedAt, payload_json: text }) => ({
    seq,
    receivedAt,
    // Rows of this kind are written by `withMacroLog` alone.
    line: JSON.parse(text) as MacroLogPayload,
  }));
}
