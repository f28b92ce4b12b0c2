import type { Selectable } from 'kysely';
import type { Tables } from '../storage/tables.ts';
import type { LoggedEvent } from './stored-event.ts';

/** The tables that are made out of the log of events, and out of nothing else. */
export type RecordTable =
  | 'presence'
  | 'people_count'
  | 'call'
  | 'booking'
  | 'span'
  | 'measurement'
  | 'measurement_hour';

/** A row without what the projector adds: its id and the device. */
export type RecordRow<Table extends RecordTable> = Omit<Selectable<Tables[Table]>, 'id' | 'device_id'>;

/** A row as it is to stand, in place of the one with the same key; `isGone`: none is to stand there. */
export type RowWrite = {
  [Table in RecordTable]: {
    readonly table: Table;
    readonly row: RecordRow<Table>;
    readonly isGone?: boolean;
  };
}[RecordTable];

/** An event of the log that concerns one device. */
export interface DeviceEvent extends LoggedEvent {
  readonly deviceId: number;
}

export interface Projected<State> {
  readonly state: State;
  readonly writes: readonly RowWrite[];
}

/**
 * One kind of record, as a pure fold over the events of one device in the
 * order of the log. Adding one: a file in `projections`, a line in
 * `projections/all.ts`. The projector stores state and rows in one transaction,
 * so a state is never ahead of its rows; told again from a base it gives the
 * same rows. The same post may stand in the log twice, and an older one after a
 * newer one.
 */
export interface Projection<State> {
  /** Stable; names its states in the database. */
  readonly name: string;
  /** Raised when states of before cannot be gone on from: what the kept events tell is then made anew. */
  readonly version: number;
  /** Tables that it alone writes. */
  readonly tables: readonly RecordTable[];
  /**
   * What the event makes of the state, which JSON can hold; null where it says
   * nothing here. `state` is null before the first event that says something.
   */
  apply(state: State | null, event: DeviceEvent): Projected<State> | null;
  /** The rows that later events may still change, as they stand. */
  open(state: State): readonly RowWrite[];
}
