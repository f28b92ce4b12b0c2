import type { DeviceView } from '../actions/ports.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';
import { type Describing, describeDevice } from './discovery.ts';
import type { Link } from './link.ts';
import type { MqttSettings } from './mqtt-section.ts';
import { keepPublished, type Published, readPublished } from './published.ts';
import { roomState } from './room-state.ts';
import { discoveryTopic, sensorKey, statusTopic, topicsOf } from './topics.ts';

export interface TellerParts {
  /** Those that are to be told of. */
  readonly devices: () => readonly DeviceView[];
  /** Another text whenever a view may be another. */
  readonly version: () => string;
  readonly roomdVersion: string;
  readonly database: Database;
  readonly count: (messages: number) => void;
  readonly clock: Clock;
}

/** Values of sensors waver all the time; those of one device are told at most this often. */
const SENSORS_EVERY_MS = 30_000;
/** Messages on their way at one time: enough to fill the line, few enough to stay small in memory. */
const MOST_ON_THE_WAY = 200;

/** Keeps what lies at the broker equal to how the rooms are, by changes only. */
export class Teller {
  readonly #settings: MqttSettings;
  readonly #parts: TellerParts;
  /** Topic → what the broker has of this connection. */
  readonly #sent = new Map<string, string>();
  /** Device → when its sensors may be told again. */
  readonly #sensorsAt = new Map<string, number>();
  #seen = new Map<string, readonly string[]>();
  #version: string | null = null;

  constructor(settings: MqttSettings, parts: TellerParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Nothing that was told before counts any more: the broker or a listener began anew. */
  forget(): void {
    this.#sent.clear();
    this.#sensorsAt.clear();
    this.#version = null;
  }

  isToldOf(device: string): boolean {
    return this.#seen.has(device);
  }

  /** Takes up what an earlier run left at this broker, and away what lies elsewhere than it would now. */
  async begin(link: Link): Promise<void> {
    this.forget();
    const before = await readPublished(this.#parts.database);
    if (before === null || before.url !== this.#settings.url) return;
    this.#seen = new Map(Object.entries(before.devices));
    const { prefix, discovery } = this.#settings;
    if (before.prefix === prefix && before.discovery === discovery) return;
    const old = Object.entries(before.devices).flatMap(([name, seen]) => topicsOf(before, name, seen));
    const kept = new Set([...this.#seen].flatMap(([name, seen]) => topicsOf(this.#settings, name, seen)));
    const own = before.prefix === prefix ? [] : [statusTopic(before)];
    await this.#publish(link, [...old.filter((topic) => !kept.has(topic)), ...own].map(empty));
    await this.#keep();
  }

  /** Looks at all rooms and tells what is other than what was told; devices that are gone are taken away. */
  async look(link: Link): Promise<void> {
    const version = this.#parts.version();
    if (version === this.#version && this.#sensorsAt.size === 0) return;
    const views = this.#parts.devices();
    const names = new Set(views.map(({ name }) => name));
    const gone = [...this.#seen].filter(([name]) => !names.has(name));
    if (this.#takeInSensors(views)) await this.#keep();
    const messages = views.flatMap((view) => this.#messagesOf(view));
    await this.#publish(link, messages);
    await this.#takeAway(link, gone);
    this.#version = version;
  }

  /** Takes away all that lies at the broker. */
  async clear(link: Link): Promise<void> {
    await this.#takeAway(link, [...this.#seen]);
    await this.#publish(link, [empty(statusTopic(this.#settings))]);
    await keepPublished(this.#parts.database, null);
  }

  /** @returns whether any device or sensor is new */
  #takeInSensors(views: readonly DeviceView[]): boolean {
    let isNew = false;
    for (const { name, sensors } of views) {
      const known = this.#seen.get(name);
      const more = sensors.map(sensorKey).filter((key) => known?.includes(key) !== true);
      if (known !== undefined && more.length === 0) continue;
      this.#seen.set(name, [...(known ?? []), ...more].toSorted());
      isNew = true;
    }
    return isNew;
  }

  #messagesOf(view: DeviceView): Message[] {
    const seen = this.#seen.get(view.name) ?? [];
    const { facts, sensors } = roomState(view, this.#settings, seen);
    const description = this.#description(view, seen);
    const changed = [...description, ...facts].filter((message) => this.#isOther(message));
    const shown = [...sensors].filter((message) => this.#isOther(message));
    const now = this.#parts.clock.monotonic();
    const dueAt = this.#sensorsAt.get(view.name);
    if (shown.length === 0 || (dueAt !== undefined && now < dueAt)) {
      if (shown.length === 0 && dueAt !== undefined && now >= dueAt) this.#sensorsAt.delete(view.name);
      return changed;
    }
    this.#sensorsAt.set(view.name, now + SENSORS_EVERY_MS);
    return [...changed, ...shown];
  }

  #description(view: DeviceView, seen: readonly string[]): Message[] {
    const topic = discoveryTopic(this.#settings, view.name);
    if (topic === null) return [];
    const how: Describing = {
      where: this.#settings,
      version: this.#parts.roomdVersion,
      commands: this.#settings.commands,
    };
    return [[topic, JSON.stringify(describeDevice(view, seen, how))]];
  }

  #isOther([topic, payload]: Message): boolean {
    return this.#sent.get(topic) !== payload;
  }

  /** The description goes first, so that nobody takes the empty values for news. */
  async #takeAway(link: Link, devices: readonly (readonly [string, readonly string[]])[]): Promise<void> {
    if (devices.length === 0) return;
    await this.#publish(
      link,
      devices.flatMap(([name, seen]) => topicsOf(this.#settings, name, seen).map(empty)),
    );
    for (const [name, seen] of devices) {
      this.#seen.delete(name);
      this.#sensorsAt.delete(name);
      for (const topic of topicsOf(this.#settings, name, seen)) this.#sent.delete(topic);
    }
    await this.#keep();
  }

  /** On record before it lies there, so that a crash leaves nothing that nobody knows of. */
  async #keep(): Promise<void> {
    const { url, prefix, discovery } = this.#settings;
    const published: Published = { url, prefix, discovery, devices: Object.fromEntries(this.#seen) };
    await keepPublished(this.#parts.database, published);
  }

  async #publish(link: Link, messages: readonly Message[]): Promise<void> {
    for (let at = 0; at < messages.length; at += MOST_ON_THE_WAY) {
      const some = messages.slice(at, at + MOST_ON_THE_WAY);
      await Promise.all(some.map(([topic, payload]) => link.publish(topic, payload, { retain: true })));
      for (const [topic, payload] of some) this.#sent.set(topic, payload);
      this.#parts.count(some.length);
    }
  }
}

type Message = readonly [topic: string, payload: string];

function empty(topic: string): Message {
  return [topic, ''];
}
