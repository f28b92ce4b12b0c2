import { type ZodType, z } from 'zod';
import { suggesting } from '../lib/suggest.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, components, pageOf, Time } from './answers.ts';
import { CursorInput, idIn, writeCursor } from './cursor.ts';
import { viewOf } from './devices.ts';
import { auditedDeviceId } from './history.ts';
import type { MacroView, RunView } from './ports/macros.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const ListInput = z.strictObject({
  runs: z.coerce
    .number()
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe('So many of the last runs of each macro are told, too.'),
});

/** How a run stands or ended. */
export const RunStateAnswer = z.enum([
  'running',
  'succeeded',
  'failed',
  'skipped',
  'would-run',
  'cancelled',
  'interrupted',
]) satisfies ZodType<RunView['state']>;

export const ShownMacro = z
  .strictObject({
    nextAt: Time.nullable(),
    name: z.string(),
    description: z.string().nullable(),
    scope: z.enum(['device', 'fleet']),
    triggers: z.array(z.string()).readonly().describe('The kinds of what sets it off.'),
    when: z.array(z.string()).readonly().describe('What sets it off, in words; none: only by hand.'),
    if: z.string().nullable().describe('The condition without which it does not run.'),
    selector: z.string().describe('Whom it is for, as the file has it.'),
    steps: z.array(z.string()).readonly().describe('Its steps, in words; none for a script.'),
    enabled: z.boolean(),
    schedule: z.array(z.string()).readonly(),
    devices: z.array(z.string()).readonly(),
    lastRuns: z
      .array(
        z.strictObject({
          id: z.string(),
          device: z.string().nullable(),
          state: RunStateAnswer,
          dueAt: Time,
        }),
      )
      .readonly()
      .describe('The newest first, as many as were asked for.'),
  })
  .register(components, { id: 'Macro' });
export type ShownMacro = z.output<typeof ShownMacro>;

export const MacroList = allOf(ShownMacro);

export const ShownRun = z
  .strictObject({
    dueAt: Time,
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    steps: z
      .array(
        z.strictObject({
          startedAt: Time,
          endedAt: Time.nullable(),
          path: z.string().describe('Where it stands in the macro: `steps[2].then[0]`.'),
          step: z.string(),
          device: z.string().nullable(),
          state: z.enum(['running', 'succeeded', 'failed', 'skipped']),
          result: z.string().nullable(),
        }),
      )
      .readonly(),
    id: z.string(),
    macro: z.string(),
    device: z.string().nullable().describe('Null for a run that is for the fleet as a whole.'),
    trigger: z.string(),
    facts: z
      .strictObject({
        kind: z.string(),
        value: z.string().describe("What was told: a leaf's value, an option, the word of an alert."),
        path: z.string(),
        id: z.string().describe('Of the booking, call, panel, widget or alert.'),
        by: z.string().describe('Who, where a person or a program asked.'),
      })
      .describe('What the macro saw of what set it off; what does not apply is empty.'),
    state: RunStateAnswer,
    reason: z.string().nullable(),
  })
  .register(components, { id: 'Run' });
export type ShownRun = z.output<typeof ShownRun>;

export const RunList = pageOf(ShownRun);
export type RunList = z.output<typeof RunList>;

export type MacroList = z.output<typeof MacroList>;

export const listMacros: Action<z.output<typeof ListInput>, MacroList> = {
  name: 'macros',
  summary: 'The macros of the file and when each is due next.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/macros' },
  input: ListInput,
  answer: MacroList,
  async run({ runs }, ports) {
    const items = ports.macros
      .list()
      .map(async (macro) => showMacro(macro, await lastRuns(macro, runs, ports)));
    return { items: await Promise.all(items), nextCursor: null };
  },
};

const RunsInput = z.strictObject({
  macro: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  state: RunStateAnswer.nullable().default(null),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: CursorInput,
});

export const listRuns: Action<z.output<typeof RunsInput>, z.output<typeof RunList>> = {
  name: 'macros.runs',
  summary: 'Runs of macros, newest first, each with its steps, result and reason.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/macros/runs' },
  input: RunsInput,
  answer: RunList,
  async run({ cursor, ...query }, ports, _caller, options) {
    // One that the file has no more may have runs on record; one that nobody knows is a mistake.
    const isInFleet = ports.fleet().devices.some(({ name }) => name === query.device);
    if (query.device !== null && !isInFleet) await auditedDeviceId(ports, query.device, options);
    const runs = await ports.macros.runs({ ...query, cursor: idIn(cursor, ORDER) });
    const last = runs.at(-1);
    return {
      items: runs.map(showRun),
      nextCursor: last === undefined || runs.length < query.limit ? null : writeCursor([last.id], ORDER),
    };
  },
};

const ORDER = 'runs';

const ShowInput = z.strictObject({ run: z.string().describe('Its id, or the end of it.') });

export const showOneRun: Action<z.output<typeof ShowInput>, ShownRun> = {
  name: 'macros.run.show',
  summary: 'One run of a macro with every step that it took and why.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/macros/runs/:run' },
  input: ShowInput,
  answer: ShownRun,
  async run({ run }, ports) {
    return showRun(await requireRun(ports, run));
  },
};

const RunInput = z.strictObject({
  macro: z.string(),
  device: z.string().nullable().default(null).describe('None for a macro that is for the fleet as a whole.'),
  dryRun: z.boolean().default(false).describe('Nothing is done; what would be is recorded.'),
});

export const runMacro: Action<z.output<typeof RunInput>, ShownRun> = {
  name: 'macros.run',
  summary: 'Run a macro now, on one device or for the fleet; its condition and every guard still apply.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/macros/:macro/run' },
  input: RunInput,
  answer: ShownRun,
  async run({ macro, device, dryRun }, ports, { actor }) {
    requireMacro(ports, macro);
    if (device !== null) viewOf(ports, device);
    return showRun(await ports.macros.run(macro, device, { actor, isDry: dryRun }));
  },
};

const RetryInput = z.strictObject({
  run: z.string().describe('The id of a run, or the end of it.'),
  step: z.coerce.number().int().min(1).default(1).describe('The first step to be done, from 1.'),
});

export const retryRun: Action<z.output<typeof RetryInput>, ShownRun> = {
  name: 'macros.run.retry',
  summary: 'Run a macro again as one of its runs went, from a step, with what the steps before had told.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/macros/runs/:run/retry' },
  input: RetryInput,
  answer: ShownRun,
  async run({ run, step }, ports, { actor }) {
    const { id } = await requireRun(ports, run);
    return showRun(await ports.macros.runAgain(id, step, { actor }));
  },
};

const CancelInput = z.strictObject({ run: z.string().describe('The id of a run, or the end of it.') });

export const cancelRun: Action<z.output<typeof CancelInput>, ShownRun> = {
  name: 'macros.run.cancel',
  summary: 'End a run that is under way; it takes back what it began.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/macros/runs/:run/cancel' },
  input: CancelInput,
  answer: ShownRun,
  deed: ({ run }) => `cancelled the run ${run}`,
  async run({ run }, ports, { actor }) {
    const { id, state } = await requireRun(ports, run);
    if (!(await ports.macros.cancel(id, actor)))
      throw new ActionError('conflict', `the run ${id} is not under way: it is ${state}`);
    return showRun(await requireRun(ports, id));
  },
};

function requireMacro(ports: Ports, name: string): void {
  const names = ports.macros.list().map((macro) => macro.name);
  if (names.includes(name)) return;
  throw new ActionError('not-found', suggesting(`the file has no macro called "${name}"`, name, names));
}

async function requireRun(ports: Ports, id: string): Promise<RunView> {
  const run = await ports.macros.get(id);
  if (run === null) throw new ActionError('not-found', `there is no run ${id}`);
  return run;
}

async function lastRuns({ name }: MacroView, limit: number, { macros }: Ports): Promise<readonly RunView[]> {
  return limit === 0
    ? []
    : await macros.runs({ macro: name, device: null, state: null, limit, cursor: null });
}

function showMacro(
  { nextAt, staysOnDevice: _staysOnDevice, ...macro }: MacroView,
  runs: readonly RunView[],
): ShownMacro {
  const last = runs.map(({ id, device, state, dueAt }) => ({ id, device, state, dueAt: rfc3339(dueAt) }));
  return { ...macro, nextAt: rfc3339(nextAt), lastRuns: last };
}

export function showRun({ dueAt, startedAt, endedAt, steps, ...run }: RunView): ShownRun {
  return {
    ...run,
    dueAt: rfc3339(dueAt),
    startedAt: rfc3339(startedAt),
    endedAt: rfc3339(endedAt),
    steps: steps.map((step) => ({
      ...step,
      startedAt: rfc3339(step.startedAt),
      endedAt: rfc3339(step.endedAt),
    })),
  };
}
