import type { Clock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { DeviceState } from '../../src/simulator/device-state.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { nodePath } from '../../src/simulator/node-path.ts';
import type { SimulatorSettings } from '../../src/simulator/settings.ts';
import type {
  CommandArguments,
  CommandResult,
  Device,
  DeviceAddress,
  LeafMap,
  SessionNews,
  SessionState,
  SessionStatus,
} from '../../src/xapi/device.ts';
import { leavesFromJson } from '../../src/xapi/document.ts';
import { XapiError } from '../../src/xapi/errors.ts';

/**
 * The simulator's device behind the interface that roomd sees, with no wire in
 * between, so that time can be virtual. What happens is what the simulated
 * device does; only the ways in which a wire fails are added.
 */
export class InProcessDevice implements Device {
  readonly address: DeviceAddress;
  readonly state: DeviceState;
  /** Called before each command and read; may throw as a broken wire does, or change the room. */
  before: (path: string) => void | Promise<void> = () => undefined;
  /** Commands whose answer is lost on the way back. */
  readonly unanswered = new Set<string>();
  readonly #clock: Clock;
  readonly #listeners = new Set<(news: SessionNews) => void>();
  #session: SessionStatus;

  constructor(
    { name, id = 1, settings = {} }: { name: string; id?: number; settings?: Partial<SimulatorSettings> },
    { clock }: { clock: Clock },
  ) {
    this.#clock = clock;
    this.state = new DeviceState(
      { model: builtInModels.room, serial: `FOC000${id}`, systemName: name, settings },
      { clock, random: seededRandom(id) },
    );
    this.address = {
      id,
      name,
      host: '127.0.0.1',
      port: 443,
      credential: 'roomd',
      username: 'roomd',
      password: new Secret('x'),
      tls: { mode: 'insecure' },
      serial: null,
    };
    this.#session = { state: 'up', since: clock.now(), reason: null, errorCode: null };
  }

  session(): SessionStatus {
    return this.#session;
  }

  setSession(state: SessionState, reason: string | null = null): void {
    this.#session = { state, since: this.#clock.now(), reason, errorCode: null };
    for (const listen of this.#listeners) listen({ type: 'status', status: this.#session });
  }

  async readStatus(path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<LeafMap> {
    signal?.throwIfAborted();
    await this.#reach(path);
    const leaves = this.state.core.status.leaves(nodePath(path).keys);
    return new Map(leaves.map((leaf) => [leaf.path.text, String(leaf.value)]));
  }

  async command(
    path: string,
    args: CommandArguments = {},
    { signal, body }: { signal?: AbortSignal | undefined; body?: string } = {},
  ): Promise<CommandResult> {
    signal?.throwIfAborted();
    await this.#reach(path);
    const texts = Object.fromEntries(
      Object.entries(args).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(String) : String(value),
      ]),
    );
    const outcome = this.state.command(path, texts, body === undefined ? {} : { body });
    if (this.unanswered.has(path)) throw new XapiError('deadline', `${path} was not answered`);
    if (outcome.kind === 'ok') {
      return leavesFromJson(outcome.result).leaves;
    }
    if (outcome.kind === 'unknown') throw new XapiError('unknown-path', `the device has no command ${path}`);
    if (outcome.kind === 'failed') throw new XapiError('command-failed', outcome.reason);
    if (outcome.kind === 'forbidden') throw new XapiError('permission', `${path} is not allowed`);
    throw new XapiError('bad-value', `${path}: ${outcome.kind} ${outcome.argument}`);
  }

  /** A device that restarts answers nothing. */
  async #reach(path: string): Promise<void> {
    await this.before(path);
    if (!this.state.isOn) throw new XapiError('unreachable', 'no connection while it restarts');
  }

  subscribe(listen: (news: SessionNews) => void): () => void {
    this.#listeners.add(listen);
    listen({ type: 'status', status: this.#session });
    const stop = this.state.listen((news) => {
      if (news.kind !== 'event' || typeof news.fields === 'number') return;
      const leaves = new Map(
        Object.entries(news.fields).map(([name, value]) => [`${news.path.text}.${name}`, String(value)]),
      );
      listen({ type: 'delta', delta: { tree: 'Event', leaves, gone: [], bare: new Map() } });
    });
    return () => {
      this.#listeners.delete(listen);
      stop();
    };
  }

  identify(): Promise<never> {
    return Promise.reject(new XapiError('rejected', 'macros do not ask who a device is'));
  }

  readConfiguration(): Promise<never> {
    return Promise.reject(new XapiError('rejected', 'macros do not read the configuration'));
  }

  readValueSpaces(): Promise<never> {
    return Promise.reject(new XapiError('rejected', 'macros do not read value spaces'));
  }

  writeConfiguration(): Promise<never> {
    return Promise.reject(new XapiError('rejected', 'macros do not write the configuration'));
  }
}
