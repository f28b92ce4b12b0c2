import type { AbortOptions } from '../../lib/abort.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { CucmError } from './errors.ts';
import type { Pace } from './pace.ts';
import { fromSeconds } from './phone.ts';
import { child, childrenNamed, nameOf, notUnifiedCm, textOf } from './soap.ts';
import type { CucmTransport } from './transport.ts';

export interface RisOptions {
  readonly path: string;
  readonly deadlineMs: number;
}

/** A phone as a node of the cluster knows it now. */
export interface RisDevice {
  readonly name: string;
  readonly node: string;
  readonly isRegistered: boolean;
  /** As Unified CM words it: `Registered`, `UnRegistered`, `Rejected`, … */
  readonly status: string;
  /** Empty where none is told. */
  readonly ipAddress: string;
  /** What it runs: `ce11.9.2.4`; empty where it is not told. */
  readonly load: string;
  readonly description: string;
  /** UTC milliseconds of the status; null where it is not told. */
  readonly at: number | null;
}

/** Names that one query takes, and devices that one answer has (cloud facts 4.2). */
const MOST_NAMES = 1000;
const MOST_TRIES = 3;
const NAMESPACE = 'http://schemas.cisco.com/ast/soap';
const ACTION = 'http://schemas.cisco.com/ast/soap/action/#RisPort#SelectCmDeviceExt';

/**
 * RISPort70: what is registered now, and where (cloud facts 4.2). The cluster
 * answers 15 requests a minute, of all clients together: those of this one are
 * paced, and a fault that says so is waited out twice.
 *
 * Every method throws CucmError, or the reason of an aborted signal.
 */
export class RisClient {
  readonly #options: RisOptions;
  readonly #transport: CucmTransport;
  readonly #pace: Pace;

  constructor(options: RisOptions, { transport, pace }: { transport: CucmTransport; pace: Pace }) {
    this.#options = options;
    this.#transport = transport;
    this.#pace = pace;
  }

  /** What is known of these devices; those that the cluster does not know of are left out. */
  async selectCmDeviceExt(
    names: readonly string[],
    options: AbortOptions = {},
  ): Promise<ReadonlyMap<string, RisDevice>> {
    const found = new Map<string, RisDevice>();
    for (let at = 0; at < names.length; at += MOST_NAMES)
      await this.#select(names.slice(at, at + MOST_NAMES), found, options);
    return found;
  }

  /** Goes on with the answer's StateInfo while it has fewer devices than were found. */
  async #select(
    names: readonly string[],
    into: Map<string, RisDevice>,
    options: AbortOptions,
  ): Promise<void> {
    const seen = new Set<string>();
    let stateInfo = '';
    for (;;) {
      const page = await this.#page(names, stateInfo, options);
      const before = seen.size;
      for (const device of page.devices) {
        seen.add(device.name);
        into.set(device.name, newer(into.get(device.name), device));
      }
      ({ stateInfo } = page);
      if (seen.size >= page.total || seen.size === before || stateInfo === '') return;
    }
  }

  async #page(names: readonly string[], stateInfo: string, options: AbortOptions): Promise<RisPage> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#pace.turn(options);
      try {
        return readPage(await this.#call(names, stateInfo, options));
      } catch (error) {
        const isUsedUp = error instanceof CucmError && error.code === 'throttled';
        if (isUsedUp) this.#pace.rest();
        if (!isUsedUp || attempt >= MOST_TRIES) throw error;
      }
    }
  }

  #call(names: readonly string[], stateInfo: string, options: AbortOptions): Promise<XmlElement> {
    const { path, deadlineMs } = this.#options;
    return this.#transport.call(
      {
        what: 'selectCmDeviceExt',
        path,
        action: ACTION,
        namespace: NAMESPACE,
        body: question(names, stateInfo),
        deadlineMs,
      },
      options,
    );
  }
}

interface RisPage {
  readonly total: number;
  readonly devices: readonly RisDevice[];
  readonly stateInfo: string;
}

/** Model 255 and the words `Any` take every phone. */
function question(names: readonly string[], stateInfo: string): XmlNode {
  return {
    name: 'ns:selectCmDeviceExt',
    children: [
      field('StateInfo', stateInfo),
      {
        name: 'ns:CmSelectionCriteria',
        children: [
          field('MaxReturnedDevices', String(MOST_NAMES)),
          field('DeviceClass', 'Phone'),
          field('Model', '255'),
          field('Status', 'Any'),
          field('NodeName', ''),
          field('SelectBy', 'Name'),
          {
            name: 'ns:SelectItems',
            children: names.map((name) => ({ name: 'ns:item', children: [field('Item', name)] })),
          },
          field('Protocol', 'Any'),
          field('DownloadStatus', 'Any'),
        ],
      },
    ],
  };
}

function field(name: string, text: string): XmlNode {
  return { name: `ns:${name}`, text };
}

/** The answer is a selectCmDeviceResponse also to Ext; older releases leave `selectCmDeviceReturn` out (cloud facts 4.2). */
export function readPage(answer: XmlElement): RisPage {
  const inner = child(answer, 'selectCmDeviceReturn') ?? answer;
  const result = child(inner, 'SelectCmDeviceResult');
  if (!/^selectCmDevice(Ext)?Response$/.test(nameOf(answer)) || result === undefined)
    throw notUnifiedCm('selectCmDeviceExt');
  const devices = childrenNamed(child(result, 'CmNodes'), 'item').flatMap((node) =>
    childrenNamed(child(node, 'CmDevices'), 'item').map((device) => readDevice(device, textOf(node, 'Name'))),
  );
  const found = Number(textOf(result, 'TotalDevicesFound'));
  return {
    total: Number.isSafeInteger(found) ? found : devices.length,
    devices,
    stateInfo: textOf(inner, 'StateInfo'),
  };
}

function readDevice(device: XmlElement, node: string): RisDevice {
  const status = textOf(device, 'Status');
  return {
    name: textOf(device, 'Name'),
    node,
    // Older releases tell it as a number, of which 1 is registered.
    isRegistered: status === 'Registered' || status === '1',
    status,
    ipAddress: addressOf(device),
    load: textOf(device, 'ActiveLoadID'),
    description: textOf(device, 'Description'),
    at: fromSeconds(textOf(device, 'TimeStamp')),
  };
}

/** An IPv4 address where there is one. */
function addressOf(device: XmlElement): string {
  const all = childrenNamed(child(device, 'IPAddress'), 'item');
  const best = all.find((one) => textOf(one, 'IPAddrType') === 'ipv4') ?? all[0];
  return best === undefined ? textOf(device, 'IpAddress') : textOf(best, 'IP');
}

/** Several nodes may know a device; the newest that has it registered counts (cloud facts 4.2). */
function newer(known: RisDevice | undefined, device: RisDevice): RisDevice {
  if (known === undefined) return device;
  if (known.isRegistered !== device.isRegistered) return known.isRegistered ? known : device;
  return (device.at ?? 0) > (known.at ?? 0) ? device : known;
}
