import { dirname, resolve } from 'node:path';
import type { SystemCheck } from '../actions/ports/systems.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Registry } from '../lib/metrics.ts';
import { declareMqttMetrics, type MqttCounters } from './metrics.ts';
import { type MqttSettings, mqttOf } from './mqtt-section.ts';
import { type MqttParts, MqttSession } from './session.ts';

/** The MQTT door: tells a broker how the rooms are, and takes the commands that the file allows. It follows the fleet in force. */
export class MqttDoor implements Part {
  readonly name = 'mqtt';
  readonly #parts: MqttParts;
  readonly #counters: MqttCounters;
  #settings: MqttSettings | null = null;
  #isStarted = false;
  #session: MqttSession | null = null;
  /** Where that is. */
  #url = '';
  #key = '';
  /** One change after another; nobody waits for a broker but `stop`. */
  #changing: Promise<void> = Promise.resolve();

  constructor(parts: MqttParts & { readonly registry: Registry }) {
    this.#parts = parts;
    this.#counters = declareMqttMetrics(parts.registry, () =>
      this.#settings === null ? null : (this.#session?.isConnected() ?? false),
    );
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    this.#renew();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    await this.#changing;
    await this.#session?.stop({ clears: false });
    this.#session = null;
  }

  /** Takes on a fleet; the connection stays where nothing that it rests on has changed. */
  reload(fleet: Fleet): void {
    this.#settings = absolute(mqttOf(fleet), dirname(fleet.file));
    this.#renew();
  }

  /** Why the broker is not told, in a sentence; null while it is, and where the file names none. */
  trouble(): string | null {
    return this.#settings === null || !this.#isStarted ? null : (this.#session?.trouble() ?? null);
  }

  /** As the other systems are asked; empty where the file names no broker. */
  check(): SystemCheck[] {
    if (this.#settings === null) return [];
    const trouble = this.trouble();
    const found = trouble ?? `${this.#settings.url} is told of the rooms`;
    return [{ system: 'mqtt', ok: trouble === null, found }];
  }

  #renew(): void {
    if (!this.#isStarted) return;
    this.#changing = this.#changing
      .then(() => this.#change())
      .catch((error: unknown) =>
        this.#parts.logger.error({ error: messageOf(error) }, 'The broker of the file could not be taken on'),
      );
  }

  async #change(): Promise<void> {
    const settings = this.#settings;
    const key = settings === null ? '' : keyOf(settings);
    if (key === this.#key) return;
    this.#key = key;
    const before = this.#session;
    this.#session = null;
    // Another place at the same broker is cleared by the next connection, which knows what lies there.
    await before?.stop({ clears: settings?.url !== this.#url });
    if (settings === null) return;
    this.#url = settings.url;
    this.#session = new MqttSession(settings, {
      ...this.#parts,
      ports: this.#parts.ports(),
      counters: this.#counters,
    });
    this.#session.start();
  }
}

function absolute(settings: MqttSettings | null, folder: string): MqttSettings | null {
  const tls = settings?.tls;
  if (settings === null || tls?.mode !== 'ca' || tls.caFile === null) return settings;
  return { ...settings, tls: { mode: 'ca', caFile: resolve(folder, tls.caFile) } };
}

/** It stays in memory, as it holds secrets. */
function keyOf({ login, ...rest }: MqttSettings): string {
  return JSON.stringify([rest, login?.username.reveal() ?? null, login?.password?.reveal() ?? null]);
}
