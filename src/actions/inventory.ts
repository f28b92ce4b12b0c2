import { z } from 'zod';
import { Wrong } from '../fleet/forms.ts';
import { readMac } from '../fleet/inventory/mac.ts';
import type { PulledDevice } from '../fleet/inventory/pulled.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const Nothing = z.strictObject({});

/** A device that another system told of. */
export const ShownPulled = z
  .strictObject({
    source: z.string(),
    mac: z.string(),
    device: z
      .string()
      .nullable()
      .describe('In the fleet; null while it is left out, having no address or that of another.'),
    name: z.string(),
    address: z.string().nullable(),
    model: z.string(),
    description: z.string(),
    software: z.string().nullable(),
    registered: z.boolean().nullable(),
    since: Time.describe('Since when it is registered, or is not.'),
    firstSeen: Time,
    goneSince: Time.nullable().describe('Since which pull the source no longer has it; null: it has it.'),
  })
  .register(components, { id: 'PulledDevice' });
export type ShownPulled = z.output<typeof ShownPulled>;

export const ShownInventory = z
  .strictObject({
    pulledAt: Time.nullable().describe('The last complete pull; null: there was none.'),
    failing: z
      .strictObject({
        since: Time,
        attempts: z.int(),
        reason: z.string(),
      })
      .nullable()
      .describe('Null: the last attempt was complete.'),
    items: z.array(ShownPulled).readonly(),
    nextCursor: z.null(),
  })
  .register(components, { id: 'Inventory' });
export type ShownInventory = z.output<typeof ShownInventory>;

export const ShownPull = z
  .strictObject({
    devices: z.int(),
    changes: z
      .array(
        z.strictObject({
          kind: z.enum(['changed', 'added', 'gone', 'back']),
          what: z.array(z.string()).readonly(),
          device: ShownPulled,
        }),
      )
      .readonly(),
  })
  .register(components, { id: 'Pull' });
export type ShownPull = z.output<typeof ShownPull>;

export const ForgottenDevice = z.strictObject({
  mac: z.string(),
});

export const listInventory: Action<Record<string, never>, ShownInventory> = {
  name: 'inventory',
  summary: 'The devices that other systems told of at the last complete pull, and how pulling stands.',
  role: 'viewer',
  http: { method: 'GET', path: '/inventory' },
  input: Nothing,
  answer: ShownInventory,
  async run(_input, ports) {
    const { pulledAt, failing } = await ports.inventory.standing();
    const devices = await ports.inventory.devices();
    const names = namesByMac(ports);
    return {
      pulledAt: rfc3339(pulledAt),
      failing:
        failing === null
          ? null
          : { since: rfc3339(failing.sinceAt), attempts: failing.failures, reason: failing.reason },
      items: devices.map((device) => show(device, names)),
      nextCursor: null,
    };
  },
};

export const planInventory: Action<Record<string, never>, ShownPull> = {
  name: 'inventory.plan',
  summary: 'Ask the systems that devices are pulled from, and say what a pull would change; nothing is kept.',
  role: 'operator',
  http: { method: 'POST', path: '/inventory/plan' },
  input: Nothing,
  answer: ShownPull,
  run: (_input, ports, _caller, { signal }) => pulled(ports, ports.inventory.look({ signal })),
};

export const pullInventory: Action<Record<string, never>, ShownPull> = {
  name: 'inventory.pull',
  summary: 'Pull devices from other systems into the fleet; a pull that does not come whole changes nothing.',
  role: 'operator',
  http: { method: 'POST', path: '/inventory/pull' },
  input: Nothing,
  answer: ShownPull,
  run: (_input, ports, _caller, { signal }) => pulled(ports, ports.inventory.pull({ signal })),
};

const ForgetInput = z.strictObject({
  device: z.string().describe('Its MAC address, or its name on record.'),
});

export const forgetInventory: Action<z.output<typeof ForgetInput>, z.output<typeof ForgottenDevice>> = {
  name: 'inventory.forget',
  summary: 'Take a device off the record that its source no longer has; it leaves the fleet.',
  role: 'operator',
  http: { method: 'POST', path: '/inventory/forget' },
  input: ForgetInput,
  answer: ForgottenDevice,
  async run({ device }, ports) {
    const mac = await macOf(device, ports);
    const why = await ports.inventory.forget(mac);
    if (why !== null) throw new ActionError('conflict', why);
    return { mac };
  },
};

async function pulled(ports: Ports, pulling: ReturnType<Ports['inventory']['pull']>): Promise<ShownPull> {
  const taken = await pulling;
  if (taken === null)
    throw new ActionError(
      'conflict',
      'the fleet file pulls devices from nowhere: write inventory: and systems: (docs/inventory.md)',
    );
  const names = namesByMac(ports);
  return {
    devices: taken.devices.length,
    changes: taken.changes.map(({ kind, what, device }) => ({ kind, what, device: show(device, names) })),
  };
}

async function macOf(text: string, ports: Ports): Promise<string> {
  const mac = readMac(text);
  if (!(mac instanceof Wrong)) return mac;
  const named = (await ports.inventory.devices()).find(
    ({ name }) => name.toLowerCase() === text.toLowerCase(),
  );
  if (named !== undefined) return named.mac;
  throw new ActionError('not-found', `no device "${text}" was pulled; roomd inventory list shows all`);
}

/** What devices of the fleet are called, by MAC address. */
function namesByMac(ports: Ports): ReadonlyMap<string, string> {
  return new Map(ports.fleet().devices.flatMap(({ mac, name }) => (mac === undefined ? [] : [[mac, name]])));
}

function show(device: PulledDevice, names: ReadonlyMap<string, string>): ShownPulled {
  const { source, mac, name, address, software, isRegistered, facts, sinceAt, firstSeenAt, goneSinceAt } =
    device;
  return {
    source,
    mac,
    device: names.get(mac) ?? null,
    name,
    address,
    model: facts.model || facts.product,
    description: facts.description,
    software,
    registered: isRegistered,
    since: rfc3339(sinceAt),
    firstSeen: rfc3339(firstSeenAt),
    goneSince: rfc3339(goneSinceAt),
  };
}
