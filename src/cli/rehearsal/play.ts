import type { Fleet } from '../../fleet/fleet.ts';
import { sectionOf } from '../../fleet/section.ts';
import { messageOf } from '../../lib/errors.ts';
import { didYouMean } from '../../lib/suggest.ts';
import { ZoneClock } from '../../lib/zone.ts';
import { macroSection } from '../../macros/macro.ts';
import { missed } from './expect.ts';
import { CannotHappen, happen } from './happen.ts';
import { Rehearsal } from './rehearsal.ts';
import type { Happening, MacroTest, When } from './test-file.ts';

type Path = readonly (string | number)[];

/** Where in a test something is not as it is to be, and what. */
export interface Failure {
  readonly path: Path;
  readonly message: string;
}

export interface Outcome {
  readonly failures: readonly Failure[];
  /** How long it took on the machine's clock, and how much time passed in it. */
  readonly tookMs: number;
  readonly passedMs: number;
}

interface Surroundings {
  readonly fleet: Fleet;
  readonly timezone: string;
  readonly seed: number;
  /** The machine's own clock, milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 366;

/** Plays one test: everything in it in turn; the first part that cannot go on ends it. */
export async function play(test: MacroTest, surroundings: Surroundings): Promise<Outcome> {
  const { timezone, seed, now } = surroundings;
  const zone = new ZoneClock(timezone);
  const began = now();
  const fleet = withMacros(surroundings.fleet, test.macros);
  if (!('devices' in fleet)) return { failures: [fleet], tookMs: 0, passedMs: 0 };
  const start = instantOf(test.start, zone);
  if (start === null) {
    const message = `${test.start} does not exist in ${timezone}: the clocks are put forward`;
    return { failures: [{ path: ['start'], message }], tookMs: 0, passedMs: 0 };
  }
  const rehearsal = await Rehearsal.begin({ fleet, start, mode: test.mode, seed });
  try {
    const failures = await new Player(rehearsal, zone, surroundings.signal).play(test);
    return { failures, tookMs: now() - began, passedMs: rehearsal.clock.now() - start };
  } finally {
    await rehearsal.end();
  }
}

class Player {
  readonly #rehearsal: Rehearsal;
  readonly #zone: ZoneClock;
  readonly #signal: AbortSignal;

  constructor(rehearsal: Rehearsal, zone: ZoneClock, signal: AbortSignal) {
    this.#rehearsal = rehearsal;
    this.#zone = zone;
    this.#signal = signal;
  }

  async play({ given, steps }: MacroTest): Promise<Failure[]> {
    const failures: Failure[] = [];
    try {
      await this.#happen(given, ['given']);
      for (const [at, step] of steps.entries()) {
        this.#signal.throwIfAborted();
        if ('when' in step)
          for (const [index, when] of step.when.entries()) await this.#do(when, ['steps', at, 'when', index]);
        else failures.push(...(await this.#look(step.then, ['steps', at, 'then'])));
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      failures.push(error.failure);
    }
    return failures;
  }

  async #look(then: Parameters<typeof missed>[0], path: Path): Promise<Failure[]> {
    await this.#rehearsal.settle();
    const seen = {
      runs: await this.#rehearsal.runs(),
      told: this.#rehearsal.told,
      device: (name: string) => this.#rehearsal.device(name),
    };
    return missed(then, seen).map((miss) => ({ path: [...path, ...miss.path], message: miss.message }));
  }

  async #do({ after, until, devices, run, hold }: When, path: Path): Promise<void> {
    if (after !== undefined) await this.#rehearsal.advance(after);
    if (until !== undefined) await this.#rehearsal.advance(this.#msUntil(until, [...path, 'until']));
    if (devices !== undefined) await this.#happen(devices, [...path, 'devices']);
    if (hold !== undefined) this.#rehearsal.held = hold === false ? null : `held by test: ${hold}`;
    if (run !== undefined) await this.#run(run, [...path, 'run']);
  }

  async #run({ macro, device }: NonNullable<When['run']>, path: Path): Promise<void> {
    try {
      await this.#rehearsal.runByHand(macro, device ?? null);
    } catch (error) {
      throw new Stopped({ path, message: messageOf(error) });
    }
    await this.#rehearsal.settle();
  }

  async #happen(devices: Readonly<Record<string, readonly Happening[]>>, path: Path): Promise<void> {
    for (const [name, happenings] of Object.entries(devices)) {
      const device = this.#rehearsal.device(name);
      if (device === null)
        throw new Stopped({ path: [...path, name], message: 'the fleet has no such device' });
      for (const what of happenings) {
        try {
          happen(device, what, this.#rehearsal.clock.now());
        } catch (error) {
          if (!(error instanceof CannotHappen)) throw error;
          throw new Stopped({ path: [...path, name], message: error.message });
        }
        await this.#rehearsal.settle();
      }
    }
  }

  /** The next moment at which the wall shows it. */
  #msUntil(text: string, path: Path): number {
    const now = this.#rehearsal.clock.now();
    if (text.includes('T')) {
      const at = instantOf(text, this.#zone);
      if (at !== null && at >= now) return at - now;
      throw new Stopped({ path, message: `${text} is over already, or does not exist` });
    }
    const today = new Date(this.#zone.wallAt(now)).toISOString().slice(0, 10);
    for (let day = 0; day < DAYS_AHEAD; day += 1) {
      const date = new Date(Date.parse(`${today}T00:00Z`) + day * DAY_MS).toISOString().slice(0, 10);
      const at = instantOf(`${date}T${text}`, this.#zone);
      if (at !== null && at > now) return at - now;
    }
    throw new Stopped({ path, message: `the wall never shows ${text}` });
  }
}

class Stopped extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The first instant at which the wall shows a time; null where it never does. */
function instantOf(text: string, zone: ZoneClock): number | null {
  return zone.instantsOf(Date.parse(`${text}Z`))[0] ?? null;
}

/** The fleet with these macros alone, or what is wrong with their names. */
function withMacros(fleet: Fleet, names: readonly string[] | undefined): Fleet | Failure {
  if (names === undefined) return fleet;
  const macros = sectionOf(fleet, macroSection) ?? [];
  const known = macros.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    return { path: ['macros'], message: `the fleet has no macro "${unknown}".${didYouMean(unknown, known)}` };
  const sections = new Map(fleet.sections);
  sections.set(
    macroSection.key,
    macros.filter(({ name }) => names.includes(name)),
  );
  return { ...fleet, sections };
}
