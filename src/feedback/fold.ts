import type { Compilable } from 'kysely';
import type { DeviceEvent, Projection, RowWrite } from './projection.ts';
import { putState } from './projection-store.ts';
import type { AnyState } from './projections/all.ts';
import { rowKey, rowStatement } from './record-tables.ts';

interface Changed {
  readonly name: string;
  readonly deviceId: number;
  state: AnyState;
}

/** Gathers what events change, so that a row or state that changes often is written once. */
export class Fold {
  readonly #rows = new Map<string, { readonly deviceId: number; readonly write: RowWrite }>();
  readonly #states = new Map<string, Changed>();

  /** Rows that are to be written. */
  get size(): number {
    return this.#rows.size;
  }

  /** The states that changed. */
  get states(): Iterable<Readonly<Changed>> {
    return this.#states.values();
  }

  /** Takes one event into one projection; `known` is the state from before this fold. */
  take(
    projection: Projection<AnyState>,
    event: DeviceEvent,
    known: AnyState | null,
    options: { rows: boolean } = { rows: true },
  ): void {
    const { deviceId } = event;
    const key = `${projection.name}/${deviceId}`;
    const changed = this.#states.get(key);
    const projected = projection.apply(changed === undefined ? known : changed.state, event);
    if (projected === null) return;
    if (changed === undefined)
      this.#states.set(key, { name: projection.name, deviceId, state: projected.state });
    else changed.state = projected.state;
    if (options.rows) for (const write of projected.writes) this.put(deviceId, write);
  }

  put(deviceId: number, write: RowWrite): void {
    this.#rows.set(rowKey(deviceId, write), { deviceId, write });
  }

  state(name: string, deviceId: number): AnyState | undefined {
    return this.#states.get(`${name}/${deviceId}`)?.state;
  }

  /** What brings the rows to where they are to be; they are written only once. */
  takeRows(): Compilable[] {
    const statements = [...this.#rows.values()].map(({ deviceId, write }) => rowStatement(deviceId, write));
    this.#rows.clear();
    return statements;
  }

  stateStatements(): Compilable[] {
    return [...this.#states.values()].map(({ name, deviceId, state }) => putState(name, deviceId, state));
  }
}
