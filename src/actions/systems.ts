import { type ZodType, z } from 'zod';
import type { Action } from './action.ts';
import type { SystemCheck } from './ports/systems.ts';

const NoInput = z.strictObject({});

export const SystemCheckAnswer = z.strictObject({
  system: z.string().describe('Its key under `systems:`.'),
  ok: z.boolean(),
  found: z.string().describe('A sentence: what it said, or why it could not be asked.'),
}) satisfies ZodType<SystemCheck>;

export const SystemList = z.strictObject({
  items: z.array(SystemCheckAnswer).readonly(),
});

export const checkSystems: Action<z.output<typeof NoInput>, z.output<typeof SystemList>> = {
  name: 'systems',
  summary: 'Whether the other systems that the file names answer and take roomd’s login, asked now.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/systems' },
  input: NoInput,
  answer: SystemList,
  async run(_input, ports, _caller, { signal }) {
    return { items: await ports.checkSystems({ signal }) };
  },
};
