import { z } from 'zod';
import { readMac } from '../fleet/inventory/identity.ts';
import { SOURCE_TITLES, SOURCES, type SourceName } from '../fleet/inventory/inventory-section.ts';
import type { PullStanding } from '../fleet/inventory/inventory-store.ts';
import { keyOf, type PulledDevice, type TakenIn } from '../fleet/inventory/pulled.ts';
import { messageOf } from '../lib/errors.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const SourceWord = z.enum(SOURCES);

/** A device that another system told of. */
export const ShownPulled = z
  .strictObject({
    source: SourceWord,
    mac: z.string().nullable().describe('Null where the source does not tell it; one of the two is told.'),
    serial: z.string().nullable(),
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

/** How pulling from a source stands. */
const ShownSource = z.strictObject({
  source: SourceWord,
  title: z.string(),
  pulledAt: Time.nullable().describe('The last complete pull; null: there was none.'),
  failing: z
    .strictObject({ since: Time, attempts: z.int(), reason: z.string() })
    .nullable()
    .describe('Null: the last attempt was complete.'),
});
export type ShownSource = z.output<typeof ShownSource>;

const ShownInventory = z
  .strictObject({
    sources: z.array(ShownSource).readonly().describe('Those that the file names.'),
    items: z.array(ShownPulled).readonly(),
    nextCursor: z.null(),
  })
  .register(components, { id: 'Inventory' });
export type ShownInventory = z.output<typeof ShownInventory>;

const Nothing = z.strictObject({});

export const listInventory: Action<Record<string, never>, ShownInventory> = {
  name: 'inventory',
  summary: 'The devices that other systems told of at the last complete pull, and how pulling stands.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/inventory' },
  input: Nothing,
  answer: ShownInventory,
  async run(_input, ports) {
    const { inventory } = ports;
    const standings = await Promise.all(inventory.sources().map((source) => inventory.standing(source)));
    const names = namesOf(ports);
    return {
      sources: standings.map(showStanding),
      items: (await inventory.devices()).map((device) => show(device, names)),
      nextCursor: null,
    };
  },
};

const ShownPull = z
  .strictObject({
    devices: z.int().describe('On record of all sources that were pulled.'),
    failed: z
      .array(z.strictObject({ source: SourceWord, reason: z.string() }))
      .readonly()
      .describe('Sources of which nothing is taken in, while others came whole.'),
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

export const planInventory: Action<Record<string, never>, ShownPull> = {
  name: 'inventory.plan',
  summary: 'Ask the systems that devices are pulled from, and say what a pull would change; nothing is kept.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/inventory/plan' },
  input: Nothing,
  answer: ShownPull,
  run: (_input, ports, _caller, { signal }) =>
    pullAll(ports, (source) => ports.inventory.look(source, { signal })),
};

export const pullInventory: Action<Record<string, never>, ShownPull> = {
  name: 'inventory.pull',
  summary:
    'Pull devices from other systems into the fleet; one that does not come whole changes nothing of its own.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/inventory/pull' },
  input: Nothing,
  answer: ShownPull,
  deed: () => 'pulled devices from other systems',
  run: (_input, ports, _caller, { signal }) =>
    pullAll(ports, (source) => ports.inventory.pull(source, { signal })),
};

const ForgetInput = z.strictObject({
  device: z.string().describe('Its MAC address, its serial number, or its name on record.'),
});

const ForgottenDevice = z.strictObject({ name: z.string() });

export const forgetInventory: Action<z.output<typeof ForgetInput>, z.output<typeof ForgottenDevice>> = {
  name: 'inventory.forget',
  summary: 'Take a device off the record that its source no longer has; it leaves the fleet.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/inventory/forget' },
  input: ForgetInput,
  answer: ForgottenDevice,
  deed: ({ device }) => `took ${device} off the record of other systems’ devices`,
  async run({ device }, { inventory }) {
    const known = await recordsOf(device, inventory);
    const [first] = known;
    if (first === undefined)
      throw new ActionError('not-found', `no device "${device}" was pulled; roomd inventory list shows all`);
    const gone = known.filter(({ goneSinceAt }) => goneSinceAt !== null);
    for (const one of gone.length === 0 ? known : gone) {
      const why = await inventory.forget(one.source, keyOf(one));
      if (why !== null) throw new ActionError('conflict', why);
    }
    return { name: first.name };
  },
};

/** Each source by itself, all at once; that one fails keeps the others from nothing. */
async function pullAll(
  ports: Ports,
  pull: (source: SourceName) => Promise<TakenIn | null>,
): Promise<ShownPull> {
  const taken: TakenIn[] = [];
  const failures: { readonly source: SourceName; readonly error: unknown }[] = [];
  const tryOne = async (source: SourceName): Promise<void> => {
    try {
      taken.push(...[await pull(source)].filter((one) => one !== null));
    } catch (error) {
      failures.push({ source, error });
    }
  };
  await Promise.all(ports.inventory.sources().map(tryOne));
  if (taken.length === 0)
    throw (
      failures[0]?.error ??
      new ActionError(
        'conflict',
        'the fleet file pulls devices from nowhere: write inventory: and systems: (docs/inventory.md)',
      )
    );
  const names = namesOf(ports);
  return {
    devices: taken.reduce((sum, { devices }) => sum + devices.length, 0),
    failed: failures.map(({ source, error }) => ({ source, reason: messageOf(error) })),
    changes: taken.flatMap(({ changes }) =>
      changes.map(({ kind, what, device }) => ({ kind, what, device: show(device, names) })),
    ),
  };
}

/** What is on record of a device, by whichever of its names. */
async function recordsOf(text: string, inventory: Ports['inventory']): Promise<readonly PulledDevice[]> {
  const mac = readMac(text);
  const wanted = text.toLowerCase();
  return (await inventory.devices()).filter(
    (device) =>
      device.mac === mac || device.serial?.toLowerCase() === wanted || device.name.toLowerCase() === wanted,
  );
}

type Names = ReadonlyMap<string, string>;

/** What devices of the fleet are called, by MAC address and by serial number. */
function namesOf(ports: Ports): Names {
  const pairs = ports
    .fleet()
    .devices.flatMap(({ mac, serial, name }) => [mac, serial].map((key) => [key, name] as const));
  return new Map(pairs.flatMap(([key, name]) => (key === undefined ? [] : [[key, name]])));
}

function showStanding({ source, pulledAt, failing }: PullStanding): ShownSource {
  return {
    source,
    title: SOURCE_TITLES[source],
    pulledAt: rfc3339(pulledAt),
    failing:
      failing === null
        ? null
        : { since: rfc3339(failing.sinceAt), attempts: failing.failures, reason: failing.reason },
  };
}

function show(device: PulledDevice, names: Names): ShownPulled {
  const { source, mac, serial, name, address, software, isRegistered, facts } = device;
  return {
    source,
    mac,
    serial,
    device: names.get(mac ?? '') ?? names.get(serial ?? '') ?? null,
    name,
    address,
    model: facts.model || facts.product,
    description: facts.description,
    software,
    registered: isRegistered,
    since: rfc3339(device.sinceAt),
    firstSeen: rfc3339(device.firstSeenAt),
    goneSince: rfc3339(device.goneSinceAt),
  };
}
