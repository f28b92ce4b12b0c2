import type { Clock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { Secret } from '../../lib/secret.ts';
import type { DeviceNews } from '../../simulator/device-core.ts';
import { DeviceState } from '../../simulator/device-state.ts';
import { builtInModels } from '../../simulator/models/built-in.ts';
import { nodePath } from '../../simulator/node-path.ts';
import type { SimulatorSettings } from '../../simulator/settings.ts';
import { LaidOutConfiguration } from '../../xapi/configuration-document.ts';
import type {
  CommandArguments,
  CommandResult,
  ConfigurationDocument,
  Delta,
  Device,
  DeviceAddress,
  DeviceIdentity,
  LeafMap,
  SessionNews,
  SessionState,
  SessionStatus,
  Setting,
  SettingAnswer,
} from '../../xapi/device.ts';
import { leavesFromJson } from '../../xapi/document.ts';
import { XapiError } from '../../xapi/errors.ts';

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
    {
      name,
      id = 1,
      seed = id,
      settings = {},
      kind = 'room',
    }: {
      name: string;
      id?: number;
      seed?: number;
      settings?: Partial<SimulatorSettings>;
      kind?: keyof typeof builtInModels;
    },
    { clock }: { clock: Clock },
  ) {
    this.#clock = clock;
    this.state = new DeviceState(
      { model: builtInModels[kind], serial: `FOC000${id}`, systemName: name, settings },
      { clock, random: seededRandom(seed) },
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
    for (const listen of this.#listeners) {
      listen({ type: 'status', status: this.#session });
      if (state === 'up') listen(this.#snapshot());
    }
  }

  #snapshot(): SessionNews {
    const { core } = this.state;
    const status = new Map(core.status.leaves([]).map((leaf) => [leaf.path.text, String(leaf.value)]));
    return { type: 'snapshot', identity: this.#identity(), status };
  }

  #identity(): DeviceIdentity {
    const text = (path: string): string => String(this.state.status(path) ?? '');
    return {
      serial: text('SystemUnit.Hardware.Module.SerialNumber'),
      product: text('SystemUnit.ProductId'),
      software: text('SystemUnit.Software.Version'),
      systemName: this.address.name,
    };
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
    if (this.#session.state === 'up') listen(this.#snapshot());
    const stop = this.state.listen((news) => {
      const delta = this.#session.state === 'up' ? deltaOf(news) : null;
      if (delta !== null) listen({ type: 'delta', delta });
    });
    return () => {
      this.#listeners.delete(listen);
      stop();
    };
  }

  async identify(): Promise<DeviceIdentity> {
    await this.#reach('SystemUnit');
    return this.#identity();
  }

  async readConfiguration(): Promise<ConfigurationDocument> {
    await this.#reach('configuration');
    const { configuration, catalogue } = this.state.core;
    const leaves = [...catalogue.settings.values()].map(
      (known) => [known.path.text, configuration.shown(known)] as const,
    );
    return new LaidOutConfiguration(new Map(leaves));
  }

  readValueSpaces(): Promise<never> {
    return Promise.reject(new XapiError('rejected', 'value spaces are not part of a rehearsal'));
  }

  async writeConfiguration(settings: readonly Setting[]): Promise<SettingAnswer[]> {
    await this.#reach('putxml');
    const answers = settings.map(({ path, value }): SettingAnswer => {
      const { kind } = this.state.setConfiguration(path, value);
      return kind === 'accepted'
        ? { path, outcome: 'accepted' }
        : { path, outcome: 'refused', reason: `the device says ${kind}` };
    });
    if (this.unanswered.has('putxml')) throw new XapiError('deadline', 'putxml was not answered');
    return answers;
  }
}

function deltaOf(news: DeviceNews): Delta | null {
  switch (news.kind) {
    case 'leaf': {
      const leaves = new Map([[news.leaf.path.text, String(news.leaf.value)]]);
      return { tree: news.tree, leaves, gone: [], bare: new Map() };
    }
    case 'ghost':
      return { tree: 'Status', leaves: new Map(), gone: [news.path.text], bare: new Map() };
    case 'event':
      return eventDelta(news.path.text, news.fields);
    default:
      return null;
  }
}

function eventDelta(path: string, fields: Extract<DeviceNews, { kind: 'event' }>['fields']): Delta {
  if (typeof fields === 'number')
    return { tree: 'Event', leaves: new Map(), gone: [], bare: new Map([[path, String(fields)]]) };
  const told = Object.entries(fields).map(([name, value]) => [`${path}.${name}`, String(value)] as const);
  const bare = told.length === 0 ? [[path, ''] as const] : [];
  return { tree: 'Event', leaves: new Map(told), gone: [], bare: new Map(bare) };
}
