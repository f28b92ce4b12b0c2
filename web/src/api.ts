import { keepTime } from './time.ts';

/** A problem of RFC 9457 as the API answers it, or the failure to reach it at all. */
export class Problem extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** From the catalogue in docs/errors.md; `unreachable` where there was no answer. */
  readonly code: string;

  constructor({ status, code, detail }: { status: number; code: string; detail: string }) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

let csrf: string | null = null;

/** The token that posts of a signed-in browser carry. */
export function useCsrf(token: string | null): void {
  csrf = token;
}

export interface Ask {
  readonly signal?: AbortSignal;
  readonly body?: object;
}

const API = '/api/v1';
const DEADLINE_MS = 30_000;
/** Verbs wait for rooms. */
const VERB_DEADLINE_MS = 300_000;

/**
 * Asks the API: GET, or POST where there is a body.
 * @throws Problem
 */
export async function ask<Answer>(path: string, { signal, body }: Ask = {}): Promise<Answer> {
  const deadline = AbortSignal.timeout(body === undefined ? DEADLINE_MS : VERB_DEADLINE_MS);
  let response: Response;
  try {
    response = await fetch(API + path, {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : postHeaders()) },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    keepTime(response.headers.get('date'));
    if (response.ok) return (await response.json()) as Answer;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem({ status: 0, code: 'unreachable', detail: 'roomd does not answer' });
  }
  throw answered(response.status, await response.json().catch(() => null));
}

function postHeaders(): Record<string, string> {
  return { 'content-type': 'application/json', ...(csrf === null ? {} : { 'x-csrf-token': csrf }) };
}

function answered(status: number, answer: unknown): Problem {
  const { code = 'failed', detail = `roomd answered ${status}` } = (answer ?? {}) as Partial<Problem> & {
    detail?: string;
  };
  return new Problem({ status, code, detail });
}

/** Whatever was thrown, as something to show. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({
    status: 0,
    code: 'failed',
    detail: error instanceof Error ? error.message : String(error),
  });
}

/** `?a=1&b=2`; what is null or empty is left out. */
export function query(parts: Readonly<Record<string, string | number | boolean | null>>): string {
  const given = Object.entries(parts).filter(([, value]) => value !== null && value !== '');
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()}`;
}
