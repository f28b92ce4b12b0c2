import { z } from 'zod';
import type { Action } from './action.ts';
import type { SystemCheck } from './ports.ts';

const NoInput = z.strictObject({});

export const checkSystems: Action<z.output<typeof NoInput>, { readonly items: readonly SystemCheck[] }> = {
  name: 'systems',
  summary: 'Whether the other systems that the file names answer and take roomd’s login, asked now.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/systems' },
  input: NoInput,
  async run(_input, ports, _caller, { signal }) {
    return { items: await ports.checkSystems({ signal }) };
  },
};
