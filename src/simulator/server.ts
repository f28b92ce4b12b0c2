import { randomInt } from 'node:crypto';
import { type Clock, systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { type Logger, silentLogger } from '../lib/logger.ts';
import { type Random, seededRandom } from '../lib/random.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { newKeyPair } from './certificate.ts';
import { startControl } from './control.ts';
import { Counters } from './counters.ts';
import type { FaultKind } from './faults.ts';
import type { DeviceModel } from './model.ts';
import { ModelDocuments } from './model-documents.ts';
import type { SimulatorSettings } from './settings.ts';
import { SimulatedDevice } from './simulated-device.ts';

export interface SimulatedDeviceSpec {
  readonly name: string;
  readonly model: DeviceModel;
  /** Where the device differs from the model's defaults at the start. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** The device holds another password than the one everybody knows. */
  readonly wrongPassword?: boolean;
  readonly settings?: Partial<SimulatorSettings>;
  /** Faults that strike from the start on; null lasts until cleared. */
  readonly faults?: readonly { readonly kind: FaultKind; readonly seconds: number | null }[];
  /** Nobody answers at the device's port until the fault `offline` is cleared. */
  readonly offline?: boolean;
  readonly serial?: string;
  readonly systemName?: string;
}

export interface SimulatorOptions {
  readonly devices: readonly SimulatedDeviceSpec[];
  readonly username: string;
  readonly password: string;
  /** Device n (from 1) listens on `basePort` + n; free ports where absent. */
  readonly basePort?: number;
  readonly settings?: Partial<SimulatorSettings>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly control?: boolean;
  readonly controlPort?: number;
  readonly logger?: Logger;
}

export interface Simulator {
  readonly devices: readonly SimulatedDevice[];
  /** What all devices together served. */
  readonly counters: Counters;
  readonly controlUrl: string | null;
  /** @throws RangeError where there is none of that name */
  device(name: string): SimulatedDevice;
  stop(): Promise<void>;
}

/** Starts simulated devices, each on a port of its own on 127.0.0.1, and the control endpoint where it is asked for. */
export async function startSimulator(options: SimulatorOptions, signal?: AbortSignal): Promise<Simulator> {
  const counters = new Counters();
  const devices = makeDevices(options, counters);
  const running: { stop(): Promise<void> }[] = [];
  try {
    for (const [at, device] of devices.entries()) {
      signal?.throwIfAborted();
      running.push(device);
      await startOnPort(device, options.basePort === undefined ? null : options.basePort + at + 1);
    }
    const control =
      options.control === true ? await startControl(devices, { port: options.controlPort ?? 0 }) : null;
    if (control !== null) running.push(control);
    return {
      devices,
      counters,
      controlUrl: control?.url ?? null,
      device: (name) => byName(devices, name),
      stop: () => stopAll(running),
    };
  } catch (error) {
    await stopAll(running);
    throw error;
  }
}

/** Devices of one model share its catalogue and documents, all share one pair of keys; each has a certificate of its own. */
function makeDevices(options: SimulatorOptions, fleet: Counters): SimulatedDevice[] {
  const { clock = systemClock(), random = seededRandom(1), logger = silentLogger } = options;
  const keys = newKeyPair();
  const share = onceFor(catalogueOf);
  const documentsOf = onceFor((catalogue: Catalogue) => new ModelDocuments(catalogue));
  return options.devices.map((spec, at) => {
    return new SimulatedDevice(
      {
        ...spec,
        catalogue: share(spec.model),
        share,
        documentsOf,
        serial: spec.serial ?? `SIM${String(at + 1).padStart(8, '0')}`,
        systemName: spec.systemName ?? spec.name,
        username: options.username,
        password: spec.wrongPassword === true ? `not ${options.password}` : options.password,
        settings: { ...options.settings, ...spec.settings },
      },
      {
        keys,
        clock,
        random,
        fleet,
        failed: (error) =>
          logger.error({ device: spec.name, error: messageOf(error) }, 'simulated device failed'),
      },
    );
  });
}

/** Makes a thing once for each that it is made from. */
function onceFor<From, Made>(make: (from: From) => Made): (from: From) => Made {
  const made = new Map<From, Made>();
  return (from) => {
    const known = made.get(from) ?? make(from);
    made.set(from, known);
    return known;
  };
}

/**
 * Free ports are sought below the range that the system hands out by itself: a
 * device that reboots closes its port for a while and must find it free again.
 */
async function startOnPort(device: SimulatedDevice, port: number | null): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await device.start(port ?? randomInt(12_000, 32_000));
      return;
    } catch (error) {
      if (port !== null || attempt >= 50 || !isPortTaken(error)) throw error;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function byName(devices: readonly SimulatedDevice[], name: string): SimulatedDevice {
  const device = devices.find((one) => one.name === name);
  if (device === undefined) throw new RangeError(`the simulator has no device "${name}"`);
  return device;
}

async function stopAll(running: { stop(): Promise<void> }[]): Promise<void> {
  await Promise.all(running.map((part) => part.stop()));
}
