import { z } from 'zod';
import { Wrong } from '../fleet/forms.ts';
import { readMac } from '../fleet/inventory/mac.ts';
import type { PullChange, PulledDevice } from '../fleet/inventory/pulled.ts';
import { type Action, ActionError } from './action.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

/** A device that another system told of. */
export interface ShownPulled {
  readonly source: string;
  readonly mac: string;
  /** In the fleet; null while it is left out, having no address or that of another. */
  readonly device: string | null;
  readonly name: string;
  readonly address: string | null;
  readonly model: string;
  readonly description: string;
  readonly software: string | null;
  readonly registered: boolean | null;
  /** Since when it is registered, or is not. */
  readonly since: string;
  readonly firstSeen: string;
  /** Since which pull the source no longer has it; null: it has it. */
  readonly goneSince: string | null;
}

export interface ShownInventory {
  /** The last complete pull; null: there was none. */
  readonly pulledAt: string | null;
  /** Null: the last attempt was complete. */
  readonly failing: { readonly since: string; readonly attempts: number; readonly reason: string } | null;
  readonly items: readonly ShownPulled[];
  readonly nextCursor: null;
}

const Nothing = z.strictObject({});

export const listInventory: Action<Record<string, never>, ShownInventory> = {
  name: 'inventory',
  summary: 'The devices that other systems told of at the last complete pull, and how pulling stands.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/inventory' },
  input: Nothing,
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

export interface ShownPull {
  readonly devices: number;
  readonly changes: readonly {
    readonly kind: PullChange['kind'];
    readonly what: readonly string[];
    readonly device: ShownPulled;
  }[];
}

export const planInventory: Action<Record<string, never>, ShownPull> = {
  name: 'inventory.plan',
  summary: 'Ask the systems that devices are pulled from, and say what a pull would change; nothing is kept.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/inventory/plan' },
  input: Nothing,
  run: (_input, ports, _caller, { signal }) => pulled(ports, ports.inventory.look({ signal })),
};

export const pullInventory: Action<Record<string, never>, ShownPull> = {
  name: 'inventory.pull',
  summary: 'Pull devices from other systems into the fleet; a pull that does not come whole changes nothing.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/inventory/pull' },
  input: Nothing,
  run: (_input, ports, _caller, { signal }) => pulled(ports, ports.inventory.pull({ signal })),
};

const ForgetInput = z.strictObject({
  device: z.string().describe('Its MAC address, or its name on record.'),
});

export const forgetInventory: Action<z.output<typeof ForgetInput>, { readonly mac: string }> = {
  name: 'inventory.forget',
  summary: 'Take a device off the record that its source no longer has; it leaves the fleet.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/inventory/forget' },
  input: ForgetInput,
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
