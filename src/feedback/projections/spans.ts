import { unreachable } from '../../lib/errors.ts';
import type { GapPayload, Leaves } from '../event.ts';
import type { DeviceEvent, Projected, Projection, RecordRow, RowWrite } from '../projection.ts';
import { isUnderSpans, type SpanKind, spansIn, spansUnder } from '../span-rules.ts';

type Span = RecordRow<'span'>;

export interface SpansState {
  /** By kind and key. */
  readonly open: Readonly<Record<string, Span>>;
  /** What is known of a peripheral or a message before its span begins or while it stands: its leaves. */
  readonly leaves: Leaves;
  /** When the device last started, as its uptime told; null before. */
  readonly startedAt: number | null;
}

/** Uptime is told in seconds and read a moment later. */
const UPTIME_SLACK_MS = 120_000;

const NEW: SpansState = { open: {}, leaves: {}, startedAt: null };

/** Whatever has one value at a time, as intervals: in use, standby, session, peripherals, Diagnostics, software, reboots. */
export const spans: Projection<SpansState> = {
  name: 'spans',
  version: 1,
  tables: ['span'],
  apply(known, heard) {
    const change = new Change(known ?? NEW, heard);
    const { event } = heard;
    switch (event.kind) {
      case 'status':
        change.status(event.payload);
        break;
      case 'snapshot':
        change.snapshot(event.payload.leaves);
        break;
      case 'event':
        if (event.path === 'BootEvent') change.boots(event.payload.arguments['Action'] ?? 'Restart');
        break;
      case 'session':
        change.session(event.payload.state);
        break;
      case 'gap':
        change.gap(event.payload);
        break;
      case 'configuration':
      case 'bookings':
      case 'slot':
      case 'write':
      case 'run':
      case 'hold':
        break;
      default:
        unreachable(event);
    }
    return change.projected();
  },
  open({ open }) {
    return Object.values(open).map((row) => ({ table: 'span', row }));
  },
};

/** What one event makes of the spans. */
class Change {
  readonly #before: SpansState;
  readonly #heard: DeviceEvent;
  readonly #writes: RowWrite[] = [];
  #state: SpansState;

  constructor(state: SpansState, heard: DeviceEvent) {
    this.#before = state;
    this.#state = state;
    this.#heard = heard;
  }

  projected(): Projected<SpansState> | null {
    return this.#state === this.#before ? null : { state: this.#state, writes: this.#writes };
  }

  status({ leaves, gone }: { leaves: Leaves; gone: readonly string[] }): void {
    const told = Object.entries(leaves).filter(([path]) => isUnderSpans(path));
    if (told.length === 0 && gone.length === 0) return;
    for (const path of gone) {
      for (const { kind, key } of spansUnder(path, this.#state.leaves)) this.#end(kind, key);
      this.#forget(path);
    }
    if (told.length === 0) return;
    this.#learn({ ...this.#state.leaves, ...Object.fromEntries(told) });
    this.#show(new Set(told.map(([path]) => path)));
  }

  /** The truth as a whole: what it lacks is not. */
  snapshot(leaves: Leaves): void {
    this.#learn(Object.fromEntries(Object.entries(leaves).filter(([path]) => isUnderSpans(path))));
    const shown = new Set(spansIn(this.#state.leaves).map(({ kind, key }) => idOf(kind, key)));
    for (const { kind, key } of Object.values(this.#state.open))
      if (kind !== 'session' && kind !== 'reboot' && !shown.has(idOf(kind, key)))
        this.#end(kind, key, { isKnown: false });
    this.#show(null);
    this.#started(Number(leaves['SystemUnit.Uptime'] ?? Number.NaN));
  }

  boots(action: string): void {
    if (this.#state.open[idOf('reboot', '')] === undefined) this.#begin('reboot', '', action, null);
  }

  session(state: string): void {
    const was = this.#state.open[idOf('session', '')]?.value;
    this.#begin('session', '', state, null);
    const isBack = state !== was && (state === 'up' || state === 'up-https');
    if (!isBack || this.#state.open[idOf('reboot', '')] === undefined) return;
    this.#end('reboot', '');
    // Its uptime begins anew and says nothing of another reboot.
    this.#state = { ...this.#state, startedAt: null };
  }

  /** Nothing is known from here on; the session is known for as long as roomd runs. */
  gap({ from, isOutage, isErasure }: GapPayload): void {
    for (const { kind, key } of Object.values(this.#state.open)) {
      if (kind === 'reboot' && isErasure !== true) continue;
      if (kind === 'session' && isOutage !== true && isErasure !== true) continue;
      this.#end(kind, key, { at: from, isKnown: false });
    }
    this.#learn({});
  }

  /** When it last started, by its uptime: later than known before is a reboot, which may have been announced. */
  #started(uptimeSeconds: number): void {
    if (!Number.isFinite(uptimeSeconds)) return;
    const at = this.#heard.receivedAt;
    const startedAt = at - uptimeSeconds * 1_000;
    const known = this.#state.startedAt;
    const announced = this.#state.open[idOf('reboot', '')];
    const isBack = announced !== undefined && startedAt >= announced.from_at - UPTIME_SLACK_MS;
    if (isBack) this.#end('reboot', '');
    else if (announced === undefined && known !== null && startedAt - known > UPTIME_SLACK_MS) {
      this.#begin('reboot', '', 'unannounced', null, startedAt);
      this.#end('reboot', '');
    }
    if (known === null || Math.abs(startedAt - known) > UPTIME_SLACK_MS || isBack)
      this.#state = { ...this.#state, startedAt };
  }

  /** Begins or goes on with what the leaves show; `changed` null: all of it. */
  #show(changed: ReadonlySet<string> | null): void {
    for (const { kind, key, value, detail, from } of spansIn(this.#state.leaves))
      if (changed === null || from.some((path) => changed.has(path))) this.#begin(kind, key, value, detail);
  }

  #begin(kind: SpanKind, key: string, value: string, detail: string | null, since?: number): void {
    const { seq, receivedAt } = this.#heard;
    const open = this.#state.open[idOf(kind, key)];
    if (open?.value === value) {
      // A detail is told after the value it belongs to, and does not begin anything anew.
      if (open.detail_json !== detail && detail !== null) this.#put({ ...open, detail_json: detail });
      return;
    }
    if (open !== undefined) this.#end(kind, key);
    const from_at = since ?? Math.max(receivedAt, open?.from_at ?? 0);
    this.#put({ seq, kind, key, value, from_at, to_at: null, is_end_known: 1, detail_json: detail });
  }

  #end(
    kind: SpanKind,
    key: string,
    { at = this.#heard.receivedAt, isKnown = true }: { at?: number; isKnown?: boolean } = {},
  ): void {
    const id = idOf(kind, key);
    const span = this.#state.open[id];
    if (span === undefined) return;
    const open = { ...this.#state.open };
    delete open[id];
    this.#state = { ...this.#state, open };
    const row = { ...span, to_at: Math.max(at, span.from_at), is_end_known: isKnown ? 1 : 0 };
    // What never stood for a moment is none; a reboot that one did not have to wait for happened nevertheless.
    const isGone = row.to_at === row.from_at && kind !== 'reboot';
    this.#writes.push(isGone ? { table: 'span', row, isGone } : { table: 'span', row });
  }

  #put(row: Span): void {
    this.#state = { ...this.#state, open: { ...this.#state.open, [idOf(row.kind, row.key)]: row } };
    this.#writes.push({ table: 'span', row });
  }

  #learn(leaves: Leaves): void {
    this.#state = { ...this.#state, leaves };
  }

  #forget(node: string): void {
    const kept = Object.entries(this.#state.leaves).filter(
      ([path]) => path !== node && !path.startsWith(`${node}.`) && !path.startsWith(`${node}[`),
    );
    if (kept.length < Object.keys(this.#state.leaves).length) this.#learn(Object.fromEntries(kept));
  }
}

function idOf(kind: SpanKind, key: string): string {
  return `${kind}/${key}`;
}
