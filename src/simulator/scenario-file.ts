import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { RoomdError } from '../lib/errors.ts';
import { didYouMean } from '../lib/suggest.ts';
import { describeValueSpace } from '../schema/value-space.ts';
import { FAULT_KINDS } from './faults.ts';
import { SENSOR_NAMES } from './room-sensors.ts';
import { type Happening, type Range, type Scenario, type ScenarioEntry, type When } from './scenario.ts';

export interface ScenarioProblem {
  readonly line: number;
  readonly column: number;
  /** Where in the file, `events[2].fault.kind`; empty at its top. */
  readonly path: string;
  readonly message: string;
}

/** A scenario file that cannot be used; every problem at once, each with its line and column. */
export class ScenarioError extends RoomdError<'scenario-invalid'> {
  readonly problems: readonly ScenarioProblem[];

  constructor(name: string, found: readonly ScenarioProblem[]) {
    const problems = found.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const lines = problems.map(({ line, column, path, message }) =>
      [`${name}:${line}:${column}`, path, message].filter((part) => part !== '').join(': '),
    );
    super('scenario-invalid', lines.join('\n'), { details: { problems } });
    this.problems = problems;
  }
}

/**
 * Reads a scenario file:
 *
 *     version: 1
 *     seed: 7
 *     length: 8h
 *     events:
 *       - { device: any, every: 20m to 50m, visit: { people: 1 to 6, for: 10m to 45m } }
 *       - { device: sim-1, at: 5m, fault: { kind: drop, for: 20s } }
 *       - { device: all, between: 1h to 2h, reboot: true }
 *
 * Times are written `90s`, `5m`, `1h30m` or `250ms`, counted from the start;
 * ranges as `10m to 45m`. Values are the text that stands in the file: `On` is
 * "On" and `012` is "012".
 * @param name what to call the file in problems
 * @throws ScenarioError
 */
export function readScenario(text: string, name = 'scenario'): Scenario {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0)
    throw new ScenarioError(
      name,
      document.errors.map(({ pos, message }) => ({
        ...place(pos[0]),
        path: '',
        message: message.split(' at line ')[0] ?? message,
      })),
    );
  const file = ScenarioFile.safeParse(document.toJS());
  if (file.success) return file.data;
  const offsetOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (hasRange(node)) return node.range[0];
    }
    return 0;
  };
  throw new ScenarioError(
    name,
    file.error.issues.map((issue) => ({
      ...place(offsetOf(issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys] : issue.path)),
      path: z.core.toDotPath(issue.path),
      message: document.hasIn(issue.path) ? messageOf(issue) : 'is missing',
    })),
  );
}

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const TIME = /^(?=\d)(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

const Time: z.ZodType<number, string> = z.string().transform((text, context) => {
  const match = TIME.exec(text);
  if (match === null) {
    context.addIssue(`expected a time such as 90s, 5m or 1h30m, found "${text}"`);
    return z.NEVER;
  }
  const [, h = 0, m = 0, s = 0, ms = 0] = match;
  return Number(h) * UNIT_MS.h + Number(m) * UNIT_MS.m + Number(s) * UNIT_MS.s + Number(ms);
});

const Whole = z
  .string()
  .regex(/^\d{1,9}$/, 'expected a whole number')
  .transform(Number);

const TimeRange = rangeOf(Time, '10m to 45m');
const WholeRange = rangeOf(Whole, '1 to 6');

const LINKS = [
  'attached',
  'detached',
  'Connected',
  'ResponseTimedOut',
  'Unpairing',
  'LostConnection',
] as const;

const Title = z.string().min(1, 'expected a text');

const EventFields = z.strictObject({
  device: z.union(
    [z.string(), z.array(z.string()).min(1)],
    'expected a device name, a list of them, any or all',
  ),
  at: Time.optional(),
  between: TimeRange.optional(),
  times: Whole.optional(),
  every: TimeRange.optional(),
  from: Time.optional(),
  people: WholeRange.optional(),
  visit: z.strictObject({ people: WholeRange, for: TimeRange }).optional(),
  call: z.strictObject({ from: Title, displayName: Title.optional(), for: TimeRange }).optional(),
  booking: z.strictObject({ title: Title, in: TimeRange, for: TimeRange }).optional(),
  extend: z.strictObject({ by: TimeRange }).optional(),
  sensor: z
    .strictObject({ name: z.enum(SENSOR_NAMES), value: WholeRange, peripheral: Whole.optional() })
    .optional(),
  peripheral: z.enum(LINKS).optional(),
  diagnostic: z
    .strictObject({ type: Title, level: z.enum(['Critical', 'Error', 'Warning', 'Info', 'gone']) })
    .optional(),
  fault: z.strictObject({ kind: z.enum(FAULT_KINDS), for: TimeRange }).optional(),
  reboot: z.literal('true').optional(),
  configuration: z.strictObject({ path: Title, value: z.string() }).optional(),
});
type EventFields = z.infer<typeof EventFields>;

const ScenarioEvent = EventFields.transform((event, context): ScenarioEntry => {
  const when = readWhen(event);
  const happening = readHappening(event);
  if (typeof when === 'string') context.addIssue(when);
  if (typeof happening === 'string') context.addIssue(happening);
  if (typeof when === 'string' || typeof happening === 'string') return z.NEVER;
  const { device } = event;
  return {
    where: typeof device !== 'string' || device === 'any' || device === 'all' ? device : [device],
    when,
    happening,
  };
});

const ScenarioFile = z
  .strictObject({
    version: z.literal('1'),
    seed: Whole,
    length: Time,
    events: z.array(ScenarioEvent),
  })
  .transform(({ seed, length, events }): Scenario => ({ seed, lengthMs: length, entries: events }));

const KNOWN_KEYS = [
  'version',
  'seed',
  'length',
  'events',
  'kind',
  'for',
  'in',
  'title',
  'path',
  'by',
  'name',
  'level',
  'value',
].concat(Object.keys(EventFields.shape));

/** `10m to 45m`, or one value for both ends. */
function rangeOf(End: z.ZodType<number, string>, example: string): z.ZodType<Range, string> {
  return z.string().transform((text, context) => {
    const ends = text.split(/\s+to\s+/).map((end) => End.safeParse(end));
    const [least, last = least] = ends;
    if (ends.length > 2 || least?.success !== true || last?.success !== true) {
      const why = ends.find(({ success }) => !success)?.error?.issues[0]?.message;
      context.addIssue(`${why ?? 'expected one value'}, or a range such as ${example}`);
      return z.NEVER;
    }
    if (last.data < least.data) {
      context.addIssue(`the range "${text}" ends before it begins`);
      return z.NEVER;
    }
    return { least: least.data, most: last.data };
  });
}

/** The one time that an event says, or what is wrong with it. */
function readWhen({ at, between, times, every, from }: EventFields): When | string {
  if ([at, between, every].filter((when) => when !== undefined).length !== 1)
    return 'expected exactly one of at, between and every';
  if (times !== undefined && between === undefined) return 'times goes with between only';
  if (from !== undefined && every === undefined) return 'from goes with every only';
  if (at !== undefined) return { type: 'at', atMs: at };
  if (between !== undefined)
    return { type: 'between', fromMs: between.least, toMs: between.most, times: times ?? 1 };
  if (every === undefined || every.least === 0) return 'every needs a time above 0';
  return { type: 'every', everyMs: every, fromMs: from ?? 0 };
}

/** The one thing that an event does, or what is wrong with it. */
function readHappening(event: EventFields): Happening | string {
  const { people, visit, call, booking, fault, reboot, configuration } = event;
  const { extend, sensor, peripheral, diagnostic } = event;
  const found: Happening[] = [];
  if (people !== undefined) found.push({ type: 'people', count: people });
  if (visit !== undefined) found.push({ type: 'visit', count: visit.people, forMs: visit.for });
  if (call !== undefined)
    found.push({
      type: 'call',
      from: call.from,
      displayName: call.displayName ?? call.from,
      forMs: call.for,
    });
  if (booking !== undefined)
    found.push({ type: 'booking', title: booking.title, inMs: booking.in, forMs: booking.for });
  if (extend !== undefined) found.push({ type: 'extend', byMs: extend.by });
  if (sensor !== undefined)
    found.push({
      type: 'sensor',
      sensor: sensor.name,
      value: sensor.value,
      peripheral: sensor.peripheral ?? null,
    });
  if (peripheral !== undefined) found.push({ type: 'peripheral', link: peripheral });
  if (diagnostic !== undefined) {
    const { type: message, level } = diagnostic;
    found.push({ type: 'diagnostic', message, level: level === 'gone' ? null : level });
  }
  if (fault !== undefined) found.push({ type: 'fault', kind: fault.kind, forMs: fault.for });
  if (reboot !== undefined) found.push({ type: 'reboot' });
  if (configuration !== undefined) found.push({ type: 'configuration', ...configuration });
  const [only] = found;
  return only !== undefined && found.length === 1
    ? only
    : 'expected exactly one of people, visit, call, booking, extend, sensor, peripheral, diagnostic, fault, reboot and configuration';
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value')
    return `expected ${describeValueSpace({ type: 'Literal', values: issue.values.map(String) })}`;
  if (issue.code === 'invalid_type' && issue.expected === 'array') return 'expected a list';
  if (issue.code === 'invalid_type')
    return issue.expected === 'object' ? 'expected keys with values' : 'expected a single value';
  if (issue.code !== 'unrecognized_keys') return issue.message;
  return issue.keys.map((key) => `unknown key ${key}.${didYouMean(key, KNOWN_KEYS)}`).join('; ');
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
