import type { Ports } from '../actions/ports.ts';
import { select } from '../fleet/selector.ts';
import { trustOfSystem } from '../fleet/systems/trust.ts';
import { reasonOf, sleep } from '../lib/abort.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { TlsTrust } from '../lib/http-client.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { Commands } from './commands.ts';
import { type Heard, Link } from './link.ts';
import type { MqttCounters } from './metrics.ts';
import type { MqttSettings } from './mqtt-section.ts';
import { Teller } from './teller.ts';
import { birthTopic, statusTopic } from './topics.ts';

export interface MqttParts {
  readonly ports: () => Ports;
  /** Of roomd. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface SessionParts extends Omit<MqttParts, 'ports'> {
  readonly ports: Ports;
  readonly counters: MqttCounters;
}

const RETRY = { firstMs: 1_000, mostMs: 60_000 };
/** How often it is looked whether anything is other than what was told. */
const LOOK_MS = 1_000;
/** Of a large fleet a look takes its time; it may take this share of all. */
const LOOK_SHARE = 0.05;

/** The work at one broker by one section of the file, until it is stopped. */
export class MqttSession {
  readonly #settings: MqttSettings;
  readonly #parts: SessionParts;
  readonly #teller: Teller;
  readonly #commands: Commands;
  readonly #stopping = new AbortController();
  readonly #work = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  #link: Link | null = null;
  #trouble: string | null = 'the broker has not answered yet';
  #wake: () => void = () => undefined;
  #isBirth = false;

  constructor(settings: MqttSettings, parts: SessionParts) {
    const { ports, counters, version, clock, logger } = parts;
    this.#settings = settings;
    this.#parts = parts;
    this.#teller = new Teller(settings, {
      devices: () => {
        const chosen = select(settings.devices.selector, ports.fleet().devices);
        const names = new Set(chosen.map(({ name }) => name));
        return ports.devices().filter(({ name, retired }) => retired === null && names.has(name));
      },
      version: () => ports.devicesVersion?.() ?? String(clock.now()),
      roomdVersion: version,
      database: ports.database,
      count: counters.published,
      clock,
    });
    this.#commands = new Commands(settings, {
      ports,
      isToldOf: (device) => this.#teller.isToldOf(device),
      answer: (topic, result) => this.#answer(topic, JSON.stringify(result)),
      count: counters.command,
      clock,
      logger,
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Says at the broker that roomd is gone, or takes away all that lies there. A broker that does not answer is left to its last will. */
  async stop({ clears }: { clears: boolean }): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    await this.#running;
    await Promise.all(this.#work);
    const link = this.#link;
    if (link === null) return;
    try {
      if (clears) await this.#teller.clear(link);
      else await link.publish(statusTopic(this.#settings), 'offline', { retain: true });
    } catch (error) {
      this.#parts.logger.warn({ error: messageOf(error) }, 'The broker could not be told that roomd leaves');
    }
    await link.end();
    this.#link = null;
  }

  trouble(): string | null {
    return this.#trouble;
  }

  isConnected(): boolean {
    return this.#link !== null && !this.#link.ended.aborted;
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#parts;
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const link = await Link.open(
          this.#settings,
          { trust: await this.#trust(), onHeard: (heard) => this.#hear(heard), clock },
          { signal },
        );
        this.#link = link;
        await this.#workOn(link, () => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#failed(error);
        await this.#link?.end();
        this.#link = null;
        await sleep(backoffMs(failures, RETRY, random), clock, { signal }).catch(() => undefined);
      }
    }
  }

  /** Tells of all rooms, then that roomd is there, and of changes until the connection ends. */
  async #workOn(link: Link, onWell: () => void): Promise<void> {
    const { clock, logger } = this.#parts;
    const birth = birthTopic(this.#settings);
    await this.#teller.begin(link);
    await link.subscribe([`${this.#settings.prefix}/+/command/+`, ...(birth === null ? [] : [birth])]);
    let isTold = false;
    while (!this.#stopping.signal.aborted) {
      const begun = clock.monotonic();
      if (this.#isBirth) this.#teller.forget();
      isTold = isTold && !this.#isBirth;
      this.#isBirth = false;
      await this.#teller.look(link);
      if (!isTold) {
        await link.publish(statusTopic(this.#settings), 'online', { retain: true });
        isTold = true;
        onWell();
        this.#trouble = null;
        logger.info({ broker: this.#settings.url }, 'The broker is told of the rooms');
      }
      const tookMs = clock.monotonic() - begun;
      await this.#rest(Math.max(LOOK_MS, tookMs / LOOK_SHARE), link);
    }
  }

  /** @throws what ended the connection */
  async #rest(ms: number, { ended }: Link): Promise<void> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    const signal = AbortSignal.any([waking.signal, ended, this.#stopping.signal]);
    await sleep(ms, this.#parts.clock, { signal }).catch(() => undefined);
    if (ended.aborted) throw reasonOf(ended);
  }

  #hear(heard: Heard): void {
    if (heard.topic === birthTopic(this.#settings)) {
      // One that was kept tells of a start long ago.
      if (heard.text !== 'online' || heard.isRetained) return;
      this.#isBirth = true;
      this.#wake();
      return;
    }
    if (this.#stopping.signal.aborted) return;
    const work = this.#commands
      .hear(heard, this.#stopping.signal)
      .catch((error: unknown) =>
        this.#parts.logger.error({ error: messageOf(error) }, 'A command over MQTT could not be handled'),
      )
      .finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  /** Where the connection has gone meanwhile, nobody waits for the answer; the run is on record. */
  #answer(topic: string, payload: string): void {
    this.#link?.publish(topic, payload, { retain: false }).catch(() => undefined);
  }

  async #trust(): Promise<TlsTrust> {
    return await trustOfSystem(this.#settings.tls ?? { mode: 'ca', caFile: null }, 'mqtt');
  }

  #failed(error: unknown): void {
    const trouble = messageOf(error);
    if (trouble !== this.#trouble)
      this.#parts.logger.warn(
        { reason: trouble },
        'The broker is not told of the rooms; everything else goes on',
      );
    this.#trouble = trouble;
  }
}
