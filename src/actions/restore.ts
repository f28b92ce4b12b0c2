import { z } from 'zod';
import { restoration, strangeness } from '../fleet/restore.ts';
import { RESTORE_PARTS } from '../fleet/restore-content.ts';
import { messageOf } from '../lib/errors.ts';
import { canonicalPath } from '../xapi/path.ts';
import { type Action, ActionError } from './action.ts';
import { noDevice } from './no-device.ts';
import type { Ports } from './ports.ts';
import { ShownApplied, ShownPlan, showApplied, showPlan } from './present.ts';

const Panel = z.strictObject({ id: z.string(), xml: z.string() });
const DeviceMacro = z.strictObject({ name: z.string(), source: z.string(), active: z.boolean() });
const Picture = z.strictObject({
  type: z.enum(['Background', 'Branding', 'HalfwakeBackground', 'HalfwakeBranding']),
  base64: z.string(),
});

const planShape = {
  name: z.string(),
  settings: z
    .record(z.string(), z.string())
    .default({})
    .describe("The backup's settings by path. Secrets are in no backup and are left alone."),
  panels: z
    .array(Panel)
    .nullable()
    .default(null)
    .describe(
      'Each an <Extensions> document with one <Panel>. Null: the backup does not know, so none is touched.',
    ),
  macros: z
    .array(DeviceMacro)
    .nullable()
    .default(null)
    .describe('Macros on the device itself; null as above.'),
  branding: z.array(Picture).nullable().default(null).describe('Pictures in base64; null as above.'),
  software: z.string(),
  product: z.string().describe('What the backup was read from.'),
  readAt: z.string(),
  only: z.enum(RESTORE_PARTS).nullable().default(null).describe('One part; all where absent.'),
  network: z.boolean().default(false).describe('Also settings that can cut roomd off from the device.'),
  prune: z
    .boolean()
    .default(false)
    .describe('Take panels, macros and pictures off the device that the backup does not name.'),
};

const PlanInput = z.strictObject(planShape);
export type RestorePlanInput = z.output<typeof PlanInput>;

export const planRestore: Action<RestorePlanInput, ShownPlan> = {
  name: 'restore.plan',
  summary: 'What a restore of this backup would write to a device; writes nothing.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/restore/plan' },
  input: PlanInput,
  answer: ShownPlan,
  async run(input, ports, _caller, { signal }) {
    const { desired, kinds, hints } = wanted(input, ports);
    const { devices } = await ports.plan([desired], { kinds, signal });
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
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/restore' },
  input: RestoreInput,
  answer: ShownApplied,
  async run(input, ports, { actor }, options) {
    const { desired, kinds, hints } = wanted(input, ports);
    const how = { actor: `restore:${actor}`, force: input.force, kinds };
    const applied = await ports.restore(desired, how, options);
    if (applied === null) throw unreached(input.name);
    return { ...showApplied(applied), hints: [...hints, ...applied.hints] };
  },
};

function wanted(input: RestorePlanInput, ports: Pick<Ports, 'fleet'>): ReturnType<typeof restoration> {
  const { name, settings, panels, macros, branding, readAt, ...options } = input;
  const device = ports.fleet().devices.find((one) => one.name === name);
  if (device === undefined) throw noDevice(ports, name);
  try {
    const paths = new Map(Object.entries(settings).map(([path, value]) => [canonicalPath(path), value]));
    return restoration(device, { settings: paths, content: { panels, macros, branding }, readAt }, options);
  } catch (error) {
    throw new ActionError('bad-input', messageOf(error), { cause: error });
  }
}

function unreached(name: string): ActionError {
  return new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
}
