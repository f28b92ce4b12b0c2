import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import { getDevice, viewOf } from './devices.ts';
import type { Ports } from './ports.ts';
import { ShownApplied, ShownPlan, showApplied, showPlan } from './present.ts';
import { ShownDevice } from './shown-device.ts';

const OneInput = z.strictObject({ name: z.string() });

export const RetirePlan = z.strictObject({
  name: z.string(),
  plan: ShownPlan.describe('What would be taken off, as the device is now.'),
  onRecord: z
    .array(z.string())
    .readonly()
    .describe(
      'What roomd put there, as far as is on record; all that is known where the device does not answer.',
    ),
});
export type RetirePlan = z.output<typeof RetirePlan>;

export const Retired = z.strictObject({
  device: ShownDevice,
  applied: ShownApplied,
  remains: z.array(z.string()).readonly().describe('What is on record as still there.'),
});
export type Retired = z.output<typeof Retired>;

export const planRetire: Action<z.output<typeof OneInput>, RetirePlan> = {
  name: 'retire.plan',
  summary: 'What retiring a device would take off it; writes nothing.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/retire' },
  input: OneInput,
  answer: RetirePlan,
  async run({ name }, ports, _caller, options) {
    viewOf(ports, name);
    return {
      name,
      plan: showPlan(await ports.retirement.plan(name, options)),
      onRecord: await ports.retirement.onRecord(name),
    };
  },
};

const Input = z.strictObject({
  name: z.string(),
  force: z.boolean().default(false).describe('Write also where the room is in use.'),
});

export const retire: Action<z.output<typeof Input>, Retired> = {
  name: 'retire',
  summary:
    'Take off a device what roomd put there besides settings, prove it, and leave the device alone from then on.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/retire' },
  input: Input,
  answer: Retired,
  async run({ name, force }, ports, caller, options) {
    viewOf(ports, name);
    const applied = await ports.retirement.retire(name, { actor: caller.actor, force }, options);
    return {
      device: await getDevice.run({ name }, ports, caller, options),
      applied: showApplied(applied),
      remains: await ports.retirement.onRecord(name),
    };
  },
};

export const undoRetire: Action<z.output<typeof OneInput>, ShownDevice> = {
  name: 'retire.undo',
  summary: 'Put a retired device back into service: machines keep it again as it was approved.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/retire/undo' },
  input: OneInput,
  answer: ShownDevice,
  async run({ name }, ports, caller, options) {
    viewOf(ports, name);
    if (ports.retirement.of(name) === null) throw new ActionError('conflict', `${name} is not retired`);
    await ports.retirement.takeUp(name, caller.actor);
    return getDevice.run({ name }, ports, caller, options);
  },
};

/** A person who writes to devices by name has them in service again. */
export async function takeUpNamed(
  ports: Pick<Ports, 'retirement'>,
  names: readonly string[],
  actor: string,
): Promise<void> {
  for (const name of names) await ports.retirement.takeUp(name, actor);
}
