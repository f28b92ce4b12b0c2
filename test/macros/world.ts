import { InProcessDevice } from '../../src/cli/rehearsal/in-process-device.ts';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import type { Occupancy } from '../../src/fleet/occupancy.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { uuidv7 } from '../../src/lib/random.ts';
import { MACRO_DEFAULTS, MacroEngine } from '../../src/macros/engine.ts';
import type { MacroState, RoomRecords } from '../../src/macros/ports.ts';
import type { RunRecord } from '../../src/macros/run-store.ts';
import { getFact, setFact } from '../../src/storage/facts.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { sampleDevice, sampleFleet } from './sample-fleet.ts';
import { IN_USE, samplePorts } from './step-context.ts';

export const EMPTY: MacroState = IN_USE;

export class World {
  readonly clock: ManualClock;
  readonly devices = new Map<string, InProcessDevice>();
  readonly sent: string[] = [];
  mode: 'observe' | 'enforce' = 'enforce';
  state: MacroState = EMPTY;
  held: string | null = null;
  occupancy: Occupancy = { state: 'free', reason: '' };
  records: RoomRecords = { booking: null, capacity: null };
  engine: MacroEngine;
  readonly temporary: TemporaryDatabase;

  constructor(temporary: TemporaryDatabase, at: string) {
    this.temporary = temporary;
    this.clock = new ManualClock(Date.parse(at));
    this.engine = this.newEngine();
  }

  /** As after a restart of the daemon. */
  newEngine(options: Partial<typeof MACRO_DEFAULTS> = {}): MacroEngine {
    return new MacroEngine(
      { ...MACRO_DEFAULTS, ...options },
      {
        database: this.temporary.database,
        clock: this.clock,
        newId: uuidv7(this.clock),
        logger: silentLogger,
        ports: {
          ...samplePorts(this.sent),
          device: (name) => this.devices.get(name) ?? null,
          state: () => this.state,
          mode: () => this.mode,
          occupancy: () => Promise.resolve(this.occupancy),
          records: () => Promise.resolve(this.records),
          mayAct: () => (this.held === null ? { ok: true } : { ok: false, reason: this.held }),
        },
      },
    );
  }

  async fleet(
    macros: object[],
    devices: readonly DesiredDevice[] = [sampleDevice('boardroom-1')],
    scripts: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { database } = this.temporary;
    for (const [index, { name }] of devices.entries()) {
      if (this.devices.has(name)) continue;
      await database.write([
        database.query.insertInto('device').values({ id: index + 1, name, host: 'h', created_at: 0 }),
      ]);
      this.devices.set(name, new InProcessDevice({ name, id: index + 1 }, { clock: this.clock }));
    }
    this.engine.reload(sampleFleet({ macros, devices, scripts }));
  }

  /** Lets time go on, with room for the database, until the condition holds. */
  async until(what: string, holds: () => Promise<boolean>, stepMs = 1_000): Promise<void> {
    for (let turn = 0; turn < 400; turn += 1) {
      if (await holds()) return;
      await this.clock.advance(stepMs);
      await this.settle();
    }
    throw new Error(`it did not come about: ${what}`);
  }

  /** Lets what was begun pass through the database, which lives in real time; a run records up to four things in a row. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await setFact(this.temporary.database, 'test', String(turn));
  }

  async runs(macro?: string): Promise<RunRecord[]> {
    return (await this.engine.runs(macro === undefined ? {} : { macro })).toReversed();
  }

  async untilEnded(count: number, stepMs?: number): Promise<RunRecord[]> {
    await this.until(
      `${count} ended runs`,
      async () => (await this.runs()).filter(({ endedAt }) => endedAt !== null).length >= count,
      stepMs,
    );
    return this.runs();
  }

  /** The tick has looked at this minute and everything of it is recorded. */
  async untilTicked(at: string): Promise<void> {
    const minute = Date.parse(at);
    await this.until(
      `tick of ${at}`,
      async () => {
        const stored = await getFact(this.temporary.database, 'macros.tick');
        return stored !== null && (JSON.parse(stored) as { minute: number }).minute >= minute;
      },
      15_000,
    );
  }

  device(name = 'boardroom-1'): InProcessDevice {
    const device = this.devices.get(name);
    if (device === undefined) throw new Error(`no ${name}`);
    return device;
  }

  /** Stops the engine while time goes on, and removes the database. */
  async close(): Promise<void> {
    let isStopped = false;
    const stopping = this.engine.stop().then(() => {
      isStopped = true;
    });
    await this.until('stop', () => Promise.resolve(isStopped));
    await stopping;
    await this.temporary.close();
  }
}

export async function newWorld(at: string): Promise<World> {
  return new World(await temporaryDatabase(), at);
}

export function byText(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one) < String(other) ? -1 : 1;
}

export function macro(changes: object = {}) {
  return {
    name: 'chore',
    devices: 'all',
    when: { schedule: '55 8 * * *' },
    steps: [{ message: { text: 'Hello {{device.name}}' } }],
    ...changes,
  };
}
