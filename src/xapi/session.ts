import { XAPI } from 'jsxapi/lib/xapi/index.js';
import type { WebSocket } from 'ws';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { deltasFromJson } from './delta.ts';
import type { CommandArguments, CommandResult, Delta, DeviceIdentity, LeafMap, TreeName } from './device.ts';
import { isRecord, leavesFromJson, leavesWithin } from './document.ts';
import { XapiError } from './errors.ts';
import type { Expression } from './expression.ts';
import { identityFrom } from './identity.ts';
import { formatPath, type PathText, parsePath, type Segment } from './path.ts';
import { RpcBackend, type RpcBackendParts } from './rpc-backend.ts';
import { rpcError } from './rpc-error.ts';
import type { XapiSettings } from './settings.ts';

/** The xAPI over one open websocket. It ends with the socket; the keeper makes the next. */
export class Session {
  readonly #backend: RpcBackend;
  readonly #xapi: XAPI;
  readonly #clock: Clock;
  readonly #onRead: (tookMs: number) => void;

  /**
   * @param parts.onDelta called for each change, in the order of arrival
   * @param parts.onRead told how long each read took, also one that ran out of time
   */
  constructor(
    options: { ws: WebSocket; settings: XapiSettings },
    parts: RpcBackendParts & { onDelta: (delta: Delta) => void; onRead?: (tookMs: number) => void },
  ) {
    this.#clock = parts.clock;
    this.#onRead = parts.onRead ?? (() => undefined);
    this.#backend = new RpcBackend(options, parts);
    this.#xapi = new XAPI(this.#backend, {
      // Raw and without jsxapi's own dispatch, which fails on a null and drops what comes before the reply to Subscribe.
      feedbackInterceptor: (params: unknown) => {
        try {
          for (const delta of deltasFromJson(params)) parts.onDelta(delta);
        } catch (error) {
          parts.logger.error({ error: messageOf(error) }, 'feedback could not be taken in');
        }
      },
    });
  }

  /** Resolves when the session has ended, with why; null where `close` ended it. */
  get closed(): Promise<XapiError | null> {
    return this.#backend.closed;
  }

  close(): void {
    this.#backend.close();
  }

  /** The leaves at and below `path`, paths from the tree's root; an absent node is an empty map. */
  async read(tree: TreeName, path: PathText): Promise<LeafMap> {
    const segments = parsePath(path);
    const found = await this.#readExactly(tree, segments);
    return found.size > 0 ? found : this.#readAbove(tree, segments);
  }

  async identify(): Promise<DeviceIdentity> {
    return identityFrom(await this.read('Status', 'SystemUnit'));
  }

  async command(path: PathText, args: CommandArguments, body: string | undefined): Promise<CommandResult> {
    const names = parsePath(path).map(({ name }) => name);
    const params = Object.fromEntries(
      Object.entries(args).map(([name, value]) => [
        name,
        typeof value === 'boolean' ? (value ? 'True' : 'False') : value,
      ]),
    );
    const result = await this.#execute(
      `xCommand/${names.join('/')}`,
      body === undefined ? params : { ...params, body },
      path,
    );
    if (!isRecord(result)) return leavesFromJson(result).leaves;
    const { status, ...rest } = result;
    if (typeof status === 'string' && status.includes('Error'))
      throw new XapiError(
        status === 'ParameterError' ? 'bad-value' : 'command-failed',
        `${path}: ${reasonIn(rest)}`,
      );
    return leavesFromJson(rest).leaves;
  }

  /** Feedback for the expression comes to `onDelta` from now on, for as long as the session lives. */
  async subscribe({ tree, path, text }: Expression): Promise<void> {
    await this.#execute('xFeedback/Subscribe', { Query: wirePath(tree, path) }, `subscribing to ${text}`);
  }

  async #readExactly(tree: TreeName, segments: readonly Segment[]): Promise<LeafMap> {
    const path = formatPath(segments);
    const askedAt = this.#clock.monotonic();
    const answered = (): void => this.#onRead(this.#clock.monotonic() - askedAt);
    try {
      const result = await this.#execute(
        'xGet',
        { Path: wirePath(tree, segments) },
        `reading ${tree} ${path}`,
      );
      answered();
      return leavesFromJson(result, path).leaves;
    } catch (error) {
      if (error instanceof XapiError && error.code === 'unknown-path') return new Map();
      if (error instanceof XapiError && error.code === 'deadline') answered();
      throw error;
    }
  }

  /**
   * A path into a list without an id (`Call.Status`) matches nothing in xGet,
   * so the node above is read and sifted. The root is never read: it is large.
   */
  async #readAbove(tree: TreeName, segments: readonly Segment[]): Promise<LeafMap> {
    const above = segments.slice(0, -1);
    if (above.length === 0 || segments.some(({ index }) => index !== null)) return new Map();
    return leavesWithin(await this.#readExactly(tree, above), formatPath(segments));
  }

  async #execute(method: string, params: unknown, what: string): Promise<unknown> {
    try {
      return await this.#xapi.execute<unknown>(method, params);
    } catch (error) {
      throw rpcError(error, what);
    }
  }
}

function wirePath(tree: TreeName, segments: readonly Segment[]): (string | number)[] {
  return [tree, ...segments.flatMap(({ name, index }) => (index === null ? [name] : [name, index]))];
}

function reasonIn(result: Readonly<Record<string, unknown>>): string {
  const reason = leavesFromJson(result).leaves.get('Reason');
  return reason ?? 'it gave no reason';
}
