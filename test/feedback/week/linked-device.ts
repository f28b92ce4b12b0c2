import { ALWAYS_HEARD } from '../../../src/feedback/always-heard.ts';
import { isCovered } from '../../../src/feedback/channel.ts';
import { sleep } from '../../../src/lib/abort.ts';
import { backoffMs } from '../../../src/lib/backoff.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { type Random, seededRandom } from '../../../src/lib/random.ts';
import { nodePath } from '../../../src/simulator/node-path.ts';
import { deltasFromJson } from '../../../src/xapi/delta.ts';
import type { CommandArguments, CommandResult, Delta, LeafMap } from '../../../src/xapi/device.ts';
import { leavesFromJson } from '../../../src/xapi/document.ts';
import { XapiError } from '../../../src/xapi/errors.ts';
import { type Expression, parseExpression } from '../../../src/xapi/expression.ts';
import { DEFAULT_XAPI_SETTINGS } from '../../../src/xapi/settings.ts';
import { ToldDevice } from '../support.ts';
import type { SimulatedRoom } from './simulated-room.ts';

const { reconnectBackoff, readDeadlineMs } = DEFAULT_XAPI_SETTINGS;
const HANDSHAKE_MS = 300;

/** roomd's side of a session to a simulated room: connects, and connects again after the waits that roomd has. */
export class LinkedDevice extends ToldDevice {
  readonly #room: SimulatedRoom;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #expressions: readonly Expression[];
  #socket: { close(): void } | null = null;
  #failures = 0;

  constructor(
    room: SimulatedRoom,
    { expressions }: { expressions: readonly string[] },
    { clock }: { clock: Clock },
  ) {
    super(room.id);
    this.#room = room;
    this.#clock = clock;
    this.#random = seededRandom(300 + room.id);
    this.#expressions = [...ALWAYS_HEARD, ...expressions].map(parseExpression);
  }

  /** Tries to connect now. */
  start(): void {
    this.becomes('connecting');
    this.#clock.after(HANDSHAKE_MS, () => {
      if (this.#room.answers) this.#connected();
      else this.#failed('the device does not answer');
    });
  }

  /** The connection ends without a word, as it does when a process is killed. */
  drop(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  override async readStatus(path: string): Promise<LeafMap> {
    await this.#answered();
    return this.#leaves(path);
  }

  override async command(path: string, args: CommandArguments = {}): Promise<CommandResult> {
    await this.#answered();
    const texts = Object.entries(args).map(([name, value]): [string, string | string[]] => [
      name,
      Array.isArray(value) ? value.map(String) : String(value),
    ]);
    const outcome = this.#room.state.command(path, Object.fromEntries(texts));
    if (outcome.kind !== 'ok') throw new XapiError('command-failed', `${path}: ${outcome.kind}`);
    return leavesFromJson(outcome.result).leaves;
  }

  #connected(): void {
    this.#failures = 0;
    this.#socket = this.#room.connect({
      told: (message) => {
        for (const delta of deltasFromJson(message)) this.#heard(delta);
      },
      closed: (reason) => {
        this.#socket = null;
        this.#failed(reason);
      },
    });
    const nodes = this.#expressions.filter(({ tree }) => tree === 'Status');
    const leaves = nodes.flatMap(({ path }) => [...this.#leaves(path.map(({ name }) => name).join('.'))]);
    this.connects(Object.fromEntries(leaves));
  }

  #failed(reason: string): void {
    this.#failures += 1;
    this.becomes('waiting', reason);
    this.#clock.after(backoffMs(this.#failures, reconnectBackoff, this.#random), () => this.start());
  }

  /** Only what was subscribed to comes over a session. */
  #heard(delta: Delta): void {
    const paths = [...delta.leaves.keys(), ...delta.gone, ...delta.bare.keys()];
    if (paths.some((path) => isCovered(this.#expressions, delta.tree, path)))
      this.tell({ type: 'delta', delta });
  }

  #leaves(path: string): LeafMap {
    const leaves = this.#room.state.core.status.leaves(nodePath(path).keys);
    return new Map(leaves.map((leaf) => [leaf.path.text, String(leaf.value)]));
  }

  async #answered(): Promise<void> {
    if (this.#socket === null) throw new XapiError('unreachable', 'there is no session');
    if (this.#room.answers) return;
    await sleep(readDeadlineMs, this.#clock);
    throw new XapiError('deadline', 'the device did not answer');
  }
}
