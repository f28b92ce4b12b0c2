import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { type DeviceState, macAddress } from './device-state.ts';
import { concerns, type FeedbackNews, toPostJson, toPostXml, treeOf } from './feedback-message.ts';
import type { FeedbackSlot } from './feedback-slots.ts';
import type { FeedbackTransport } from './feedback-transport.ts';
import { escapeXml } from './xml-writer.ts';

interface Lane {
  readonly slot: FeedbackSlot;
  readonly queue: string[];
  readonly stop: AbortController;
  /** The posts of the registration before, which go first. */
  readonly before: Promise<void> | null;
  running: Promise<void> | null;
}

export interface SenderParts {
  readonly state: DeviceState;
  readonly transport: FeedbackTransport;
  readonly clock: Clock;
  /** False while the device has no network. */
  readonly hasNetwork: () => boolean;
}

/**
 * Posts what changed to the registered slots: one change a request, one request
 * at a time for each slot, in order. After the last retry the slot is Failed
 * and nothing is sent until it is enabled or registered again (facts section 3).
 */
export class FeedbackSender {
  readonly #parts: SenderParts;
  readonly #lanes = new Map<number, Lane>();
  /** Of registrations that were replaced, while their posts are on their way. */
  readonly #leaving = new Set<Lane>();
  #stopListening: (() => void) | null = null;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopListening = this.#parts.state.listen((news) => {
      if (news.kind !== 'power') this.#offer(news);
      else if (!news.on) this.#dropAll();
    });
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    const running = [...this.#lanes.values(), ...this.#leaving].flatMap((lane) => lane.running ?? []);
    this.#dropAll();
    await Promise.all(running);
    this.#parts.transport.close();
  }

  #offer(news: FeedbackNews): void {
    for (const slot of this.#parts.state.slots.list()) {
      if (slot.status !== 'OK' || !slot.queries.some((query) => concerns(query, news))) continue;
      const lane = this.#laneOf(slot);
      lane.queue.push(this.#body(slot, news));
      lane.running ??= this.#drain(lane);
    }
  }

  #laneOf(slot: FeedbackSlot): Lane {
    const present = this.#lanes.get(slot.slot);
    if (present?.slot === slot) return present;
    const before = present === undefined ? null : this.#replace(present);
    const lane: Lane = { slot, queue: [], stop: new AbortController(), before, running: null };
    this.#lanes.set(slot.slot, lane);
    return lane;
  }

  /** @returns when the lane's posts are out; null where they are dropped or none is left */
  #replace(lane: Lane): Promise<void> | null {
    if (!this.#parts.state.settings.registerKeepsPosts || lane.running === null) {
      lane.stop.abort();
      return null;
    }
    this.#leaving.add(lane);
    return lane.running.finally(() => this.#leaving.delete(lane));
  }

  #dropAll(): void {
    for (const lane of [...this.#lanes.values(), ...this.#leaving]) lane.stop.abort();
    this.#lanes.clear();
  }

  async #drain(lane: Lane): Promise<void> {
    const { signal } = lane.stop;
    await lane.before;
    for (let body = lane.queue[0]; body !== undefined && !signal.aborted; body = lane.queue[0]) {
      const delivered = await this.#deliver(lane, body);
      lane.queue.shift();
      if (delivered || signal.aborted) continue;
      lane.queue.length = 0;
      if (this.#parts.state.slots.get(lane.slot.slot) === lane.slot)
        this.#parts.state.slots.fail(lane.slot.slot);
    }
    lane.running = null;
  }

  async #deliver(lane: Lane, body: string): Promise<boolean> {
    const { feedbackRetries, feedbackRetrySpacingMs } = this.#parts.state.settings;
    const { signal } = lane.stop;
    for (let attempt = 0; attempt <= feedbackRetries; attempt += 1) {
      if (signal.aborted) return false;
      if (attempt > 0)
        await sleep(feedbackRetrySpacingMs, this.#parts.clock, { signal }).catch(() => undefined);
      if (this.#parts.hasNetwork() && (await this.#parts.transport.post(lane.slot, body, signal)))
        return true;
    }
    return false;
  }

  #body(slot: FeedbackSlot, news: FeedbackNews): string {
    const tree = treeOf(news);
    const identification = identificationOf(this.#parts.state);
    if (slot.format === 'JSON') {
      const shown = identification.map(([name, value]) => [name, { Value: value }]);
      const content = toPostJson(news);
      return JSON.stringify({
        [tree]: { Identification: Object.fromEntries(shown), ...(content as object) },
      });
    }
    const lines = identification
      .map(([name, value]) => `    <${name}>${escapeXml(value)}</${name}>\n`)
      .join('');
    return `<?xml version="1.0"?>\n<${tree}>\n  <Identification>\n${lines}  </Identification>\n${toPostXml(news)}</${tree}>\n`;
  }
}

const IP_V6: [string, string][] = [
  ['IPAddressV6', ''],
  ['IPAddressV6', ''],
];

/** Who posts (LAB, HL); the two addresses of IP version 6 came with version 11. */
function identificationOf(state: DeviceState): [string, string][] {
  const major = Number(/^(?:ce)?(\d+)/.exec(state.software)?.[1] ?? 0);
  return [
    ['SystemName', state.configuration('SystemUnit.Name') ?? ''],
    ['MACAddress', macAddress(state.serial)],
    ['IPAddress', String(state.status('Network[1].IPv4.Address') ?? '')],
    ...(major >= 11 ? IP_V6 : []),
    ['ProductType', 'Cisco Codec'],
    ['ProductID', state.model.productId],
    ['SWVersion', state.software],
    ['SerialNumber', state.serial],
  ];
}
