import { z } from 'zod';
import { formatProblem } from '../fleet/problem.ts';
import type { Action } from './action.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const NoInput = z.strictObject({});

export const system: Action<z.output<typeof NoInput>, ShownSystem> = {
  name: 'system',
  summary: 'roomd itself: version, mode, file, pending changes, health of its parts.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/system' },
  input: NoInput,
  run: (_input, ports) => showSystem(ports),
};

export type ShownSystem = Awaited<ReturnType<typeof showSystem>>;

async function showSystem(ports: Ports) {
  const { startedAt, aliveAt, holds, ...view } = await ports.system();
  return {
    ...view,
    startedAt: rfc3339(startedAt),
    aliveAt: rfc3339(aliveAt),
    holds: holds.map(({ selector, reason, actor, sinceAt }) => ({
      devices: selector,
      reason,
      actor,
      since: rfc3339(sinceAt),
    })),
    fileProblems: ports.fileProblems().map(formatProblem),
  };
}

export const reload: Action<z.output<typeof NoInput>, { problems: readonly string[] }> = {
  name: 'reload',
  summary: 'Read the file again; a broken one changes nothing.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/reload' },
  input: NoInput,
  async run(_input, ports) {
    return { problems: (await ports.reload()).map(formatProblem) };
  },
};
