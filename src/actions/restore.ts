import { z } from 'zod';
import { restoration, strangeness } from '../fleet/restore.ts';
import { messageOf } from '../lib/errors.ts';
import { canonicalPath } from '../xapi/path.ts';
import { type Action, ActionError } from './action.ts';
import type { Ports } from './ports.ts';
import { type ShownApplied, type ShownPlan, showApplied, showPlan } from './present.ts';

const planShape = {
  name: z.string(),
  settings: z
    .record(z.string(), z.string())
    .describe("The backup's settings by path. Secrets are in no backup and are left alone."),
  product: z.string().describe('What the backup was read from.'),
  software: z.string(),
  readAt: z.string(),
  network: z.boolean().default(false).describe('Also settings that can cut roomd off from the device.'),
};

const PlanInput = z.strictObject(planShape);
export type RestorePlanInput = z.output<typeof PlanInput>;

export const planRestore: Action<RestorePlanInput, ShownPlan> = {
  name: 'restore.plan',
  summary: 'What a restore of this backup would write to a device; writes nothing.',
  role: 'viewer',
  http: { method: 'POST', path: '/devices/:name/restore/plan' },
  input: PlanInput,
  async run(input, ports, _caller, { signal }) {
    const { desired, hints } = wanted(input, ports);
    const { devices } = await ports.plan([desired], { signal });
    const [planned] = devices;
    if (planned === undefined) throw unreached(input.name);
    const { product, software } = planned.identity ?? { product: null, software: null };
    return {
      ...showPlan(planned),
      hints: [...strangeness(input, { product, software }), ...hints, ...planned.hints],
    };
  },
};

const RestoreInput = z.strictObject({
  ...planShape,
  force: z.boolean().default(false).describe('Write also where the room is in use.'),
});
export type RestoreInput = z.output<typeof RestoreInput>;

export const restore: Action<RestoreInput, ShownApplied> = {
  name: 'restore',
  summary: 'Bring a device to the state of a backup and prove it; approves nothing.',
  role: 'operator',
  http: { method: 'POST', path: '/devices/:name/restore' },
  input: RestoreInput,
  async run(input, ports, { actor }, options) {
    const { desired, hints } = wanted(input, ports);
    const applied = await ports.restore(desired, { actor: `restore:${actor}`, force: input.force }, options);
    if (applied === null) throw unreached(input.name);
    return { ...showApplied(applied), hints };
  },
};

function wanted(
  { name, settings, network, ...backup }: RestorePlanInput,
  ports: Pick<Ports, 'fleet'>,
): ReturnType<typeof restoration> {
  const device = ports.fleet().devices.find((one) => one.name === name);
  if (device === undefined) throw new ActionError('not-found', `no device is called "${name}"`);
  try {
    const paths = new Map(Object.entries(settings).map(([path, value]) => [canonicalPath(path), value]));
    return restoration(device, { ...backup, settings: paths }, { network });
  } catch (error) {
    throw new ActionError('bad-input', messageOf(error), { cause: error });
  }
}

function unreached(name: string): ActionError {
  return new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
}
