import type { DesiredDevice } from '../fleet/fleet.ts';
import type { BoundMacro } from './bind.ts';
import type { DueRun } from './due-run.ts';
import { everyBlock } from './known-macros.ts';
import { reachOf } from './reach.ts';
import { NeverBegan } from './run-end.ts';
import type { Turn } from './turn.ts';
import { Turns } from './turns.ts';

/** What a run waits for before it begins. */
export interface RunTurn {
  readonly turn: Turn;
  readonly giveBack: () => void;
}

/** Whose run it is: one at a time per device, and of each macro as many as its `concurrency` says. */
export class RunTurns {
  /** On devices, one macro at a time on each. */
  readonly onDevices: Turns;
  /** By macro, where the file says how many of its runs may go on at a time. */
  readonly #concurrency = new Map<string, { readonly most: number; readonly turns: Turns }>();

  /** @param mostRuns runs that may act at one time, on all devices together */
  constructor(mostRuns: number) {
    this.onDevices = new Turns(mostRuns);
  }

  /**
   * The macro's turn among its own runs, then the one on all devices that its steps act on.
   * @throws NeverBegan
   */
  async take({ bound: { macro, fleet }, device, within }: DueRun, signal: AbortSignal): Promise<RunTurn> {
    try {
      if (within !== undefined) return await this.#takeInnerTurn(macro.name, device, within.turn, signal);
      const own = await this.#concurrencyOf(macro)?.take([device?.name ?? macro.name], { signal });
      try {
        const keys =
          device === null ? [`macro ${macro.name}`] : [device.name, ...reachOf(everyBlock(macro), fleet)];
        const turn = await this.onDevices.take(keys, { signal });
        return {
          turn,
          giveBack: () => {
            turn.giveBack();
            own?.giveBack();
          },
        };
      } catch (error) {
        own?.giveBack();
        throw error;
      }
    } catch (error) {
      throw new NeverBegan(error);
    }
  }

  /**
   * The run that it is a part of holds the turns of its devices. It does not wait for the macro's own runs either:
   * one of them may wait for such a device.
   */
  async #takeInnerTurn(
    macro: string,
    device: DesiredDevice | null,
    outer: Turn,
    signal: AbortSignal,
  ): Promise<RunTurn> {
    if (device !== null) return { turn: outer, giveBack: () => undefined };
    const turn = await this.onDevices.take([`macro ${macro}`], { signal, within: outer });
    return { turn, giveBack: () => turn.giveBack() };
  }

  #concurrencyOf({ name, concurrency: most }: BoundMacro['macro']): Turns | null {
    if (most === undefined) return null;
    const known = this.#concurrency.get(name);
    if (known?.most === most) return known.turns;
    const turns = new Turns(most);
    this.#concurrency.set(name, { most, turns });
    return turns;
  }
}
