import { type AbortOptions, sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { unreachable } from '../lib/errors.ts';
import { type Random, seededRandom } from '../lib/random.ts';
import type { FaultKind } from './faults.ts';
import type { SensorWord } from './room-sensors.ts';

/** Both ends belong to the range; a fixed number has two equal ends. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** When an entry of a scenario happens, in milliseconds from its start. `every` goes on until the scenario ends. */
export type When =
  | { readonly type: 'at'; readonly atMs: number }
  | { readonly type: 'between'; readonly fromMs: number; readonly toMs: number; readonly times: number }
  | { readonly type: 'every'; readonly everyMs: Range; readonly fromMs: number };

/** What an entry of a scenario does; ranges are drawn anew each time. */
export type Happening =
  | { readonly type: 'people'; readonly count: Range }
  /** People come, stay and go. */
  | { readonly type: 'visit'; readonly count: Range; readonly forMs: Range }
  /** Somebody calls; the far end hangs up after `forMs`. */
  | { readonly type: 'call'; readonly from: string; readonly displayName: string; readonly forMs: Range }
  | { readonly type: 'booking'; readonly title: string; readonly inMs: Range; readonly forMs: Range }
  /** The booking under way ends so much later. */
  | { readonly type: 'extend'; readonly byMs: Range }
  | {
      readonly type: 'sensor';
      readonly sensor: SensorWord;
      readonly value: Range;
      /** The device's own id of what measures; null: the device itself. */
      readonly peripheral: number | null;
    }
  /** A Navigator is attached, or the link to all that are changes. */
  | { readonly type: 'peripheral'; readonly link: string }
  /** A message of the Diagnostics begins to stand, or, with the level null, no longer does. */
  | { readonly type: 'diagnostic'; readonly message: string; readonly level: string | null }
  | { readonly type: 'fault'; readonly kind: FaultKind; readonly forMs: Range }
  | { readonly type: 'reboot' }
  | { readonly type: 'configuration'; readonly path: string; readonly value: string };

/** `any` draws one device anew each time, `all` means each of them. */
type Where = 'any' | 'all' | readonly string[];

export interface ScenarioEntry {
  readonly where: Where;
  readonly when: When;
  readonly happening: Happening;
}

/** A scenario file as plain data; see `scenario-file.ts` for how it is written. */
export interface Scenario {
  readonly seed: number;
  readonly lengthMs: number;
  readonly entries: readonly ScenarioEntry[];
}

/** What a simulated device is told to do. */
type ScenarioAction =
  | { readonly type: 'people'; readonly count: number }
  | { readonly type: 'call-incoming'; readonly from: string; readonly displayName: string }
  | { readonly type: 'call-clear' }
  | {
      readonly type: 'booking';
      readonly title: string;
      readonly startsInMs: number;
      readonly lastsMs: number;
    }
  | { readonly type: 'extend'; readonly byMs: number }
  | {
      readonly type: 'sensor';
      readonly sensor: SensorWord;
      readonly value: number;
      readonly peripheral: number | null;
    }
  | { readonly type: 'peripheral'; readonly link: string }
  | { readonly type: 'diagnostic'; readonly message: string; readonly level: string | null }
  | { readonly type: 'fault'; readonly kind: FaultKind; readonly seconds: number }
  | { readonly type: 'reboot' }
  | { readonly type: 'configuration'; readonly path: string; readonly value: string };

export interface ScenarioStep {
  /** Milliseconds from the start of the scenario. */
  readonly atMs: number;
  readonly device: string;
  readonly action: ScenarioAction;
}

/**
 * What happens to these devices, in order of time; steps of one moment stay in
 * the order of the file. The same scenario and devices give the same steps:
 * each entry draws from its own generator, so an entry that is added at the end
 * changes no other. Steps that follow from an earlier one (people leave, the
 * far end hangs up) may lie behind the scenario's length.
 */
export function* scenarioSteps(scenario: Scenario, devices: readonly string[]): Generator<ScenarioStep> {
  const steps = scenario.entries.flatMap((entry, at) => {
    const random = seededRandom(scenario.seed * 1_000_003 + at);
    return momentsOf(entry.when, scenario.lengthMs, random).flatMap((atMs) =>
      devicesOf(entry.where, devices, random).flatMap((device) =>
        actionsOf(entry.happening, random).map(({ afterMs, action }) => ({
          atMs: atMs + afterMs,
          device,
          action,
        })),
      ),
    );
  });
  yield* steps.sort((a, b) => a.atMs - b.atMs);
}

/**
 * Performs steps at their times, one after another: a step that takes long
 * makes the next ones late and drops none.
 * @throws what `perform` throws; the signal's reason when it aborts
 */
export async function playScenario(
  steps: Iterable<ScenarioStep>,
  {
    clock,
    signal,
    perform,
  }: AbortOptions & {
    readonly clock: Clock;
    readonly perform: (step: ScenarioStep) => void | Promise<void>;
  },
): Promise<void> {
  const start = clock.monotonic();
  for (const step of steps) {
    await sleep(Math.max(0, start + step.atMs - clock.monotonic()), clock, { signal });
    await perform(step);
  }
}

function momentsOf(when: When, lengthMs: number, random: Random): number[] {
  switch (when.type) {
    case 'at':
      return [when.atMs];
    case 'between':
      return Array.from({ length: when.times }, () => draw({ least: when.fromMs, most: when.toMs }, random));
    case 'every': {
      const moments: number[] = [];
      for (let atMs = when.fromMs; atMs < lengthMs; atMs += draw(when.everyMs, random)) moments.push(atMs);
      return moments;
    }
    default:
      return unreachable(when);
  }
}

function devicesOf(where: Where, devices: readonly string[], random: Random): readonly string[] {
  if (where === 'all') return devices;
  if (where !== 'any') return where;
  const device = devices[Math.floor(random() * devices.length)];
  return device === undefined ? [] : [device];
}

function actionsOf(happening: Happening, random: Random): { afterMs: number; action: ScenarioAction }[] {
  switch (happening.type) {
    case 'people':
      return [{ afterMs: 0, action: { type: 'people', count: draw(happening.count, random) } }];
    case 'visit':
      return [
        { afterMs: 0, action: { type: 'people', count: draw(happening.count, random) } },
        { afterMs: draw(happening.forMs, random), action: { type: 'people', count: 0 } },
      ];
    case 'call': {
      const { from, displayName } = happening;
      return [
        { afterMs: 0, action: { type: 'call-incoming', from, displayName } },
        { afterMs: draw(happening.forMs, random), action: { type: 'call-clear' } },
      ];
    }
    case 'booking': {
      const startsInMs = draw(happening.inMs, random);
      const lastsMs = draw(happening.forMs, random);
      return [{ afterMs: 0, action: { type: 'booking', title: happening.title, startsInMs, lastsMs } }];
    }
    case 'extend':
      return [{ afterMs: 0, action: { type: 'extend', byMs: draw(happening.byMs, random) } }];
    case 'sensor':
      return [{ afterMs: 0, action: { ...happening, value: draw(happening.value, random) } }];
    case 'fault': {
      const seconds = draw(happening.forMs, random) / 1000;
      return [{ afterMs: 0, action: { type: 'fault', kind: happening.kind, seconds } }];
    }
    case 'reboot':
    case 'configuration':
    case 'peripheral':
    case 'diagnostic':
      return [{ afterMs: 0, action: happening }];
    default:
      return unreachable(happening);
  }
}

function draw({ least, most }: Range, random: Random): number {
  return least + Math.floor(random() * (most - least + 1));
}
