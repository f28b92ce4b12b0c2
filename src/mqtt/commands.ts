import { type Action, perform } from '../actions/action.ts';
import { showMessage, sleepDevice, wakeDevice } from '../actions/by-hand.ts';
import type { ShownRun } from '../actions/macros.ts';
import type { Ports } from '../actions/ports.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Heard } from './link.ts';
import type { Command } from './mqtt-schema.ts';
import type { MqttSettings } from './mqtt-section.ts';
import { commandAt, resultTopic } from './topics.ts';

export interface CommandParts {
  readonly ports: Ports;
  /** Whether a device is one of those that are told of. */
  readonly isToldOf: (device: string) => boolean;
  readonly answer: (topic: string, result: CommandResult) => void;
  readonly count: (result: CommandResult['state']) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the topic of results says: how the run ended, or why there was none. */
export interface CommandResult {
  readonly command: string;
  readonly ok: boolean;
  readonly state: ShownRun['state'] | 'refused';
  /** A sentence where it did not succeed. */
  readonly reason: string | null;
  /** The id of the run on record. */
  readonly run: string | null;
  /** RFC 3339. */
  readonly at: string;
}

/** Everything that came over the broker is on record as done by this. */
const CALLER = { actor: 'mqtt', role: 'operator', devices: null } as const;
/** Commands under way at one time; more are turned away. */
const MOST_WORK = 20;

const ACTIONS: Readonly<Record<Command, Action<never, ShownRun>>> = {
  standby: sleepDevice,
  wake: wakeDevice,
  message: showMessage,
};

/** Commands of one connection: the same verbs, under the same guards, as by hand. */
export class Commands {
  readonly #settings: MqttSettings;
  readonly #parts: CommandParts;
  #underWay = 0;

  constructor(settings: MqttSettings, parts: CommandParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Does what a message asks for and answers; one that the broker has kept is left alone, as it would act again at every connection. */
  async hear({ topic, text, isRetained }: Heard, signal: AbortSignal): Promise<void> {
    const asked = commandAt(this.#settings, topic);
    if (asked === null || text === '') return;
    const { logger } = this.#parts;
    if (isRetained) {
      logger.warn(asked, 'A retained command at the broker is ignored: publish commands without retain');
      return;
    }
    const result = await this.#resultOf(asked, text, signal);
    const { state, reason } = result;
    this.#parts.count(state);
    if (state === 'refused') logger.warn({ ...asked, reason }, 'A command over MQTT was refused');
    else logger.info({ ...asked, state, reason }, 'A command over MQTT was carried out');
    if (this.#parts.isToldOf(asked.device))
      this.#parts.answer(resultTopic(this.#settings, asked.device), result);
  }

  async #resultOf(
    { device, command }: { device: string; command: string },
    text: string,
    signal: AbortSignal,
  ): Promise<CommandResult> {
    const at = new Date(this.#parts.clock.now()).toISOString();
    const refused = (reason: string): CommandResult => ({
      command,
      ok: false,
      state: 'refused',
      reason,
      run: null,
      at,
    });
    const allowed = this.#settings.commands.find((name) => name === command);
    if (allowed === undefined) return refused(`mqtt.commands does not allow "${command}"`);
    if (!this.#parts.isToldOf(device)) return refused(`mqtt.devices has no device "${device}"`);
    if (this.#underWay >= MOST_WORK) return refused('too much is under way; try again');
    this.#underWay += 1;
    try {
      const input = inputOf(allowed, device, text);
      const { ports } = this.#parts;
      const run = (await perform(ACTIONS[allowed], { input, caller: CALLER, ports, signal })) as ShownRun;
      const { state, reason, id } = run;
      return { command, ok: state === 'succeeded', state, reason, run: id, at };
    } catch (error) {
      return refused(messageOf(error));
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** Of a message: its text, or `{"text": …, "seconds": …}`. What else is sent with a command means nothing. */
export function inputOf(command: Command, name: string, text: string): unknown {
  if (command !== 'message') return { name };
  const given = objectIn(text);
  return given === null ? { name, text } : { ...given, name };
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
