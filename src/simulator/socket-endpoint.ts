import { isKnownNode } from './catalogue.ts';
import type { CommandOutcome } from './commands/command.ts';
import { describeNode } from './describe-node.ts';
import type { CommandInput, DeviceState } from './device-state.ts';
import { concerns, type FeedbackNews, toSocketJson, treeOf } from './feedback-message.ts';
import { covers, keysOf, startsWith, type Token, textOf } from './node-path.ts';
import { type JsonTree, type Leaf, nest, toJson } from './node-tree.ts';

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonTree;
}

class Refusal extends Error {
  readonly error: RpcError;

  constructor(code: number, message: string, data?: JsonTree) {
    super(message);
    this.error = data === undefined ? { code, message } : { code, message, data };
  }
}

type Params = Readonly<Record<string, unknown>>;

const NO_MATCH = 'No match on Path argument';
const DENIED = 'Permission Denied';
/** Stands for the result of a command to which no reply comes. */
const NO_REPLY = Symbol('no reply');
const MISSING = 'Bad usage: Missing or invalid parameter(s).';

export interface SocketPeer {
  readonly state: DeviceState;
  /** `/ws?legacy`: every value is text. */
  readonly legacy: boolean;
  readonly user: string;
  send(text: string): void;
  /** Told of each request by method, for the counters. */
  count(method: string): void;
}

/** One client of the JSON-RPC API: its requests and its subscriptions, which die with it. */
export class SocketEndpoint {
  readonly #peer: SocketPeer;
  readonly #subscriptions = new Map<number, readonly Token[]>();
  #stopListening: (() => void) | null = null;
  #lastId = 0;

  constructor(peer: SocketPeer) {
    this.#peer = peer;
  }

  /** Takes one frame and answers it. */
  receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      this.#reply(null, { error: { code: -32700, message: 'Parse error' } });
      return;
    }
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      this.#reply(null, { error: { code: -32600, message: 'Invalid Request' } });
      return;
    }
    const { id, method, params } = message as { id?: JsonTree; method?: unknown; params?: unknown };
    if (typeof method !== 'string') {
      this.#reply(id ?? null, { error: { code: -32600, message: 'Invalid Request' } });
      return;
    }
    this.#peer.count(method);
    const given = typeof params === 'object' && params !== null ? (params as Params) : {};
    this.#answer(id, method, given);
  }

  close(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#subscriptions.clear();
  }

  #answer(id: JsonTree | undefined, method: string, params: Params): void {
    let afterwards: (() => void) | null = null;
    try {
      const result = this.#run(method, params, (run) => {
        afterwards = run;
      });
      if (id !== undefined && result !== NO_REPLY) this.#reply(id, { result });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (id !== undefined) this.#reply(id, { error: error.error });
    }
    (afterwards as (() => void) | null)?.();
  }

  #run(method: string, params: Params, after: (run: () => void) => void): JsonTree | typeof NO_REPLY {
    switch (method) {
      case 'xGet':
        return this.#get(pathIn(params, 'Path'));
      case 'xQuery':
        return this.#query(pathIn(params, 'Query'));
      case 'xSet':
        return this.#set(pathIn(params, 'Path'), params['Value']);
      case 'xDoc':
        return this.#describe(pathIn(params, 'Path'));
      case 'xFeedback/Subscribe':
        return this.#subscribe(pathIn(params, 'Query'), params['NotifyCurrentValue'] === true, after);
      case 'xFeedback/Unsubscribe':
        return this.#unsubscribe(params['Id']);
      default:
        if (method.startsWith('xCommand/')) return this.#command(method.slice('xCommand/'.length), params);
        throw new Refusal(-32601, 'Method not found.');
    }
  }

  #get(path: readonly Token[]): JsonTree {
    const { state, legacy } = this.#peer;
    const [tree, ...prefix] = keysOf(path);
    const store =
      tree === 'status' ? state.core.status : tree === 'configuration' ? state.core.configuration : null;
    const leaves = store?.leaves(prefix) ?? [];
    if (leaves.length > 0) return toJson(nest(leaves, prefix.length), legacy);
    const isAbsent = store !== null && isKnownNode(state.core.catalogue, keysOf(path));
    if (isAbsent && state.settings.absentNode === 'null') return null;
    throw new Refusal(-32602, NO_MATCH);
  }

  #query(query: readonly Token[]): JsonTree {
    if (query[0] === '**') throw new Refusal(-32602, 'No match on Query argument');
    const found: JsonTree = {};
    for (const tree of ['Status', 'Configuration'] as const) {
      const leaves = this.#covered(query, tree);
      if (leaves.length > 0) found[tree] = toJson(nest(leaves), this.#peer.legacy);
    }
    return found;
  }

  #set(path: readonly Token[], value: unknown): JsonTree {
    const [tree, ...rest] = path;
    if (String(tree).toLowerCase() !== 'configuration') throw new Refusal(-32602, NO_MATCH);
    if (typeof value !== 'string' && typeof value !== 'number') throw new Refusal(-32602, MISSING);
    const outcome = this.#peer.state.core.setByAccount(textOf(rest), String(value));
    if (outcome.kind === 'no-such-setting') throw new Refusal(-32602, NO_MATCH);
    if (outcome.kind === 'forbidden') throw new Refusal(-31999, DENIED);
    if (outcome.kind === 'bad-value') throw new Refusal(-32602, this.#peer.state.settings.setRefusalMessage);
    return true;
  }

  #command(path: string, params: Params): JsonTree | typeof NO_REPLY {
    const { body, ...args } = params;
    const input: CommandInput = Object.fromEntries(
      Object.entries(args).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(argument) : argument(value),
      ]),
    );
    const { state, user } = this.#peer;
    const outcome = state.command(path, input, { user, body: typeof body === 'string' ? body : '' });
    if (outcome.kind === 'ok' && outcome.unanswered === true) return NO_REPLY;
    return resultOf(outcome, this.#peer.legacy);
  }

  #subscribe(query: readonly Token[], withCurrent: boolean, after: (run: () => void) => void): JsonTree {
    const { state } = this.#peer;
    const root = String(query[0]).toLowerCase();
    if (!['status', 'configuration', 'event'].includes(root))
      throw new Refusal(-32602, 'No match on Query argument');
    if (this.#subscriptions.size >= state.settings.maxSubscriptions)
      throw new Refusal(-31998, 'Subscriber Count Exceeded');
    this.#lastId += 1;
    const id = this.#lastId;
    this.#subscriptions.set(id, keysOf(query));
    this.#stopListening ??= state.listen((news) => {
      if (news.kind !== 'power') this.#notify(news);
    });
    if (withCurrent) after(() => this.#notifyCurrent(id, query));
    return { Id: id };
  }

  #unsubscribe(id: unknown): JsonTree {
    if (typeof id === 'number' && this.#subscriptions.delete(id)) return true;
    throw new Refusal(-32602, 'Unknown subscription Id', {
      Id: typeof id === 'number' || typeof id === 'string' ? id : null,
    });
  }

  #describe(path: readonly Token[]): JsonTree {
    const description = describeNode(this.#peer.state.core.catalogue, path);
    if (description === null) throw new Refusal(-32602, NO_MATCH);
    return description;
  }

  #notify(news: FeedbackNews): void {
    const { state, legacy } = this.#peer;
    const { ghostForm, eventIdsOnSocket } = state.settings;
    let shown: JsonTree | undefined;
    for (const [id, query] of this.#subscriptions) {
      if (!concerns(query, news)) continue;
      shown ??= toSocketJson(news, {
        legacy,
        ghost: ghostForm === 'text' ? 'True' : true,
        eventIds: eventIdsOnSocket,
      });
      this.#event(id, treeOf(news), shown);
    }
  }

  #notifyCurrent(id: number, query: readonly Token[]): void {
    for (const tree of ['Status', 'Configuration'] as const) {
      const leaves = this.#covered(query, tree);
      if (leaves.length > 0) this.#event(id, tree, toJson(nest(leaves), this.#peer.legacy));
    }
  }

  /** The leaves of a tree that a query covers; plain prefixes need no look at the rest. */
  #covered(query: readonly Token[], tree: 'Status' | 'Configuration'): Leaf[] {
    const [root, ...rest] = keysOf(query);
    if (root !== tree.toLowerCase()) return [];
    const { status, configuration } = this.#peer.state.core;
    const leaves = (tree === 'Status' ? status : configuration).leaves();
    return leaves.filter(({ path }) => startsWith(path.keys, rest) || covers(rest, path.keys));
  }

  #event(id: number, tree: string, content: JsonTree): void {
    this.#peer.send(
      JSON.stringify({ jsonrpc: '2.0', method: 'xFeedback/Event', params: { Id: id, [tree]: content } }),
    );
  }

  #reply(id: JsonTree, outcome: { result: JsonTree } | { error: RpcError }): void {
    this.#peer.send(JSON.stringify({ id, jsonrpc: '2.0', ...outcome }));
  }
}

function resultOf(outcome: CommandOutcome, legacy: boolean): JsonTree {
  switch (outcome.kind) {
    case 'ok':
      return { ...(legacy ? asText(outcome.result) : outcome.result), status: 'OK' };
    case 'unknown':
      throw new Refusal(-32601, 'Method not found.');
    case 'forbidden':
      throw new Refusal(-31999, DENIED);
    case 'bad-argument':
      throw new Refusal(-32602, `Bad usage: Bad argument to parameter "${outcome.argument}".`);
    case 'missing-argument':
    case 'unknown-argument':
      throw new Refusal(-32602, MISSING);
    case 'failed':
      throw new Refusal(
        1,
        outcome.reason,
        outcome.cause === undefined ? undefined : { Cause: outcome.cause },
      );
    default:
      return outcome satisfies never;
  }
}

function asText(tree: { readonly [name: string]: JsonTree }): { [name: string]: JsonTree } {
  const legacy = (value: JsonTree): JsonTree => {
    if (Array.isArray(value)) return value.map(legacy);
    return typeof value === 'object' && value !== null ? asText(value) : String(value);
  };
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, legacy(value)]));
}

function pathIn(params: Params, name: string): Token[] {
  const path = params[name];
  const isPath =
    Array.isArray(path) &&
    path.length > 0 &&
    path.every(
      (token) => typeof token === 'string' || (typeof token === 'number' && Number.isInteger(token)),
    );
  if (!isPath) throw new Refusal(-32602, MISSING);
  return path as Token[];
}

function argument(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Refusal(-32602, MISSING);
}
