import { readFile } from 'node:fs/promises';
import { readVendorSchema } from '../../../src/schema/vendor-schema.ts';
import type { Gauge } from '../../../src/simulator/counters.ts';
import type { DeviceModel } from '../../../src/simulator/model.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import { modelFromSchema } from '../../../src/simulator/models/from-schema.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';
import type { SimulatorSettings } from '../../../src/simulator/settings.ts';
import { LOGIN } from '../login.ts';
import { answerParent } from './parent.ts';

/** The simulated devices, in a process of their own. */

export interface SimulatorInput {
  readonly devices: number;
  readonly schemaFile: string | null;
  readonly settings: Partial<SimulatorSettings>;
}

export interface SimulatorOutput {
  readonly product: string;
  readonly devices: readonly { readonly name: string; readonly port: number }[];
}

/** A Codec Pro, the product with the most outputs and inputs to configure that is still sold. */
const PRODUCT = 'barents';

let simulator: Simulator | null = null;
let peaks: Readonly<Record<'requests' | 'handshakes' | 'writes', () => number>> | null = null;

answerParent({
  start: async ({ devices, schemaFile, settings }: SimulatorInput): Promise<SimulatorOutput> => {
    const model = await modelOf(schemaFile);
    simulator = await startSimulator({
      devices: Array.from({ length: devices }, (_, at) => ({ name: `sim-${at + 1}`, model })),
      ...LOGIN,
      settings,
    });
    const { counters } = simulator;
    peaks = {
      requests: peakOf(counters.httpRequests),
      handshakes: peakOf(counters.handshakes),
      writes: peakOf(counters.writes),
    };
    return {
      product: `${model.productId} ${model.software}, ${model.schema.settings.length} settings`,
      devices: simulator.devices.map(({ name, port }) => ({ name, port })),
    };
  },
  /** The most that went on at once since this was last asked. */
  peaks: () => ({
    requests: peaks?.requests(),
    handshakes: peaks?.handshakes(),
    writes: peaks?.writes(),
  }),
  /** How many settings of all devices are not as given. */
  differences: ({ wanted }: { wanted: Readonly<Record<string, string>> }) =>
    all().reduce(
      (sum, { state }) =>
        sum + Object.entries(wanted).filter(([path, value]) => state.configuration(path) !== value).length,
      0,
    ),
  /** So many visible settings, spread over the whole configuration, with what every device holds. */
  held: ({ count }: { count: number }) => heldBy(count),
  /** Requests that all devices served so far. */
  served: () =>
    all().reduce(
      (sum, { counters }) => sum + [...counters.requests.values()].reduce((total, times) => total + times, 0),
      0,
    ),
  sockets: () => all().reduce((sum, device) => sum + device.sockets, 0),
  /** Cuts every connection once. */
  drop: () => {
    for (const device of all()) {
      device.fault('drop', null);
      device.clearFault('drop');
    }
  },
});

function all(): Simulator['devices'] {
  return simulator?.devices ?? [];
}

function heldBy(count: number): Record<string, string> {
  const [device] = all();
  if (device === undefined) return {};
  const { configuration, catalogue } = device.state.core;
  // The name is each device's own.
  const visible = [...catalogue.settings.values()].filter(
    (known) => !known.spec.hidden && known.path.text !== 'SystemUnit.Name',
  );
  const step = Math.max(1, Math.floor(visible.length / count));
  const chosen = visible.filter((_, at) => at % step === 0).slice(0, count);
  return Object.fromEntries(chosen.map((known) => [known.path.text, configuration.shown(known)]));
}

async function modelOf(schemaFile: string | null): Promise<DeviceModel> {
  if (schemaFile === null) return builtInModels.room;
  const vendor = readVendorSchema(await readFile(schemaFile, 'utf8'), { software: '26.4.1' });
  return modelFromSchema(vendor.product(PRODUCT));
}

/** A gauge knows the most there ever was; the returned function tells it since its last call. */
function peakOf(gauge: Gauge): () => number {
  let most = 0;
  const begin = gauge.begin.bind(gauge);
  gauge.begin = () => {
    const end = begin();
    most = Math.max(most, gauge.now);
    return end;
  };
  return () => {
    const peak = most;
    most = gauge.now;
    return peak;
  };
}
