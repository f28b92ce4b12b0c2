import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import { viewOf } from './devices.ts';
import type { MacroView, Ports, RunView } from './ports.ts';
import { rfc3339 } from './present.ts';

const NoInput = z.strictObject({});

export const listMacros: Action<
  z.output<typeof NoInput>,
  { items: readonly ReturnType<typeof showMacro>[]; nextCursor: null }
> = {
  name: 'macros',
  summary: 'The macros of the file and when each is due next.',
  role: 'viewer',
  http: { method: 'GET', path: '/macros' },
  input: NoInput,
  async run(_input, ports) {
    return { items: ports.macros.list().map(showMacro), nextCursor: null };
  },
};

const RunsInput = z.strictObject({
  macro: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().nullable().default(null).describe('`nextCursor` of the page before.'),
});

export const listRuns: Action<
  z.output<typeof RunsInput>,
  { items: readonly ReturnType<typeof showRun>[]; nextCursor: string | null }
> = {
  name: 'macros.runs',
  summary: 'Runs of macros, newest first, each with its steps, result and reason.',
  role: 'viewer',
  http: { method: 'GET', path: '/macros/runs' },
  input: RunsInput,
  async run(query, ports) {
    const runs = await ports.macros.runs(query);
    return {
      items: runs.map(showRun),
      nextCursor: runs.length < query.limit ? null : (runs.at(-1)?.id ?? null),
    };
  },
};

const RunInput = z.strictObject({ macro: z.string(), device: z.string() });

export const runMacro: Action<z.output<typeof RunInput>, ReturnType<typeof showRun>> = {
  name: 'macros.run',
  summary: 'Run a macro on one device now; its condition and every guard still apply.',
  role: 'operator',
  http: { method: 'POST', path: '/macros/:macro/run' },
  input: RunInput,
  async run({ macro, device }, ports, { actor }, options) {
    requireMacro(ports, macro);
    viewOf(ports, device);
    return showRun(await ports.macros.run(macro, device, actor, options));
  },
};

function requireMacro(ports: Ports, name: string): void {
  if (ports.macros.list().some((macro) => macro.name === name)) return;
  throw new ActionError('not-found', `the file has no macro called "${name}"`);
}

function showMacro({ nextAt, ...macro }: MacroView) {
  return { ...macro, nextAt: rfc3339(nextAt) };
}

function showRun({ dueAt, startedAt, endedAt, ...run }: RunView) {
  return { ...run, dueAt: rfc3339(dueAt), startedAt: rfc3339(startedAt), endedAt: rfc3339(endedAt) };
}
