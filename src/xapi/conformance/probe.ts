import type { AbortOptions } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import type { RawLink } from '../raw-link.ts';
import type { RawSocket } from '../raw-socket.ts';

/** What probes look with; everything about a person or a place is taken out of what they tell afterwards. */
export interface Bench extends AbortOptions {
  readonly link: RawLink;
  /** How the login was answered. */
  readonly begun: HttpResponse;
  /** Null where the device opens no websocket. */
  readonly socket: RawSocket | null;
  /** One request over the socket, as it was answered. */
  readonly ask: (method: string, params: unknown) => Promise<Reply>;
  /** GET after the login. */
  readonly get: (path: string) => Promise<HttpResponse>;
  /** A command document over HTTPS; only commands that read. */
  readonly put: (body: string) => Promise<HttpResponse>;
}

export interface Reply {
  readonly result: unknown;
  readonly error: { readonly code: unknown; readonly message: unknown } | null;
}

/** What was seen, in words that name nobody. `choice` is the simulator's value of the setting that behaves like that. */
export interface Seen {
  readonly seen: string;
  /** Null where it is none that the simulator knows, or where nothing could be seen. */
  readonly choice: string | number | boolean | null;
}

/** One question that facts leave open, answered by looking. */
export interface Probe {
  readonly name: string;
  readonly question: string;
  /** The simulator's setting that stands for the unknown; null where none does. */
  readonly setting: string | null;
  readonly look: (bench: Bench) => Promise<Seen>;
}

export interface ProbeResult extends Seen {
  readonly name: string;
  readonly question: string;
  readonly setting: string | null;
}

/** Asks one after another; one that fails says how. */
export async function probe(probes: readonly Probe[], bench: Bench): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const { name, question, setting, look } of probes) {
    bench.signal?.throwIfAborted();
    let seen: Seen;
    try {
      seen = await look(bench);
    } catch (error) {
      bench.signal?.throwIfAborted();
      seen = { seen: `could not be seen: ${messageOf(error)}`, choice: null };
    }
    results.push({ name, question, setting, ...seen });
  }
  return results;
}

export function seen(text: string, choice: Seen['choice'] = null): Seen {
  return { seen: text, choice };
}

/** An answer by its code and text, or by its form. */
export function replyText({ error, result }: Reply): string {
  if (error !== null) return `error ${String(error.code)}: ${String(error.message)}`;
  return `a result: ${formOf(result)}`;
}

/** The form of a value: its type and the names in it, never what it holds. */
export function formOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length === 0 ? 'nothing' : formOf(value[0])}`;
  if (typeof value === 'object') return `an object with ${Object.keys(value).sort().join(', ') || 'nothing'}`;
  return typeof value;
}

/** The names of the elements of an answer from the root down, the first of each, never what they hold. */
export function elementsOf(response: HttpResponse): string {
  const text = response.body.subarray(0, 20_000).toString('utf8');
  const names = [...text.matchAll(/<([A-Za-z]\w*)/g)].map(([, name = '']) => name);
  return `HTTP ${response.status} <${[...new Set(names)].slice(0, 8).join('> <')}>`;
}
