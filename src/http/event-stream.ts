import type { Request, RequestHandler, Response } from 'express';
import { ActionError, perform } from '../actions/action.ts';
import { type EventList, listEvents } from '../actions/events.ts';
import { kindsIn } from '../actions/kinds.ts';
import { sightOf } from '../actions/narrowed/sight.ts';
import { EVENT_KINDS } from '../feedback/event.ts';
import { eventBounds } from '../storage/events.ts';
import { type ApiModules, callerOf, guestOf } from './context.ts';
import { drained } from './drained.ts';
import { EventHub, textOf } from './event-hub.ts';
import { nameStream } from './metrics.ts';
import { problem, sendProblem } from './problem.ts';
import { STREAM_LIMITS, StreamGate, type StreamLimits } from './stream-gate.ts';

/** Something is said so often: a reader knows by it that the line stands, and proxies do not close it. */
const PING_MS = 15_000;
const PING = 'event: ping\ndata: {}\n\n';
/** Characters that are written together. */
const CHUNK = 65_536;
const RETRY_AFTER_SECONDS = '30';

/**
 * GET /api/v1/events with `Accept: text/event-stream`: the same events as
 * server-sent events, each with its `seq` as id, from `Last-Event-ID` or
 * `after` on, and then as they happen. Where events are gone that should have
 * come next, `reset` says so first. Slow readers are paced, not buffered, and
 * let go when they take nothing any more.
 */
export function streamEvents(modules: ApiModules, limits: StreamLimits = STREAM_LIMITS): RequestHandler {
  const hub = new EventHub(modules.ports, modules.logger);
  const gate = new StreamGate(limits);
  return async (request, response, next) => {
    if (!(request.headers.accept ?? '').includes('text/event-stream')) {
      next();
      return;
    }
    // Asked for before the headers go out, so that bad input is still a proper problem.
    const { query, at, opening } = await beginningOf(request, response, modules);
    const leave = gate.enter(callerOf(response).actor);
    if (typeof leave === 'string') {
      refuse(response, leave);
      return;
    }
    nameStream(response);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    // A client knows by the headers that it is heard, also while nothing happens.
    response.flushHeaders();
    const ended = new AbortController();
    response.once('close', () => ended.abort(new Error('the client went away')));
    const signal = AbortSignal.any([ended.signal, modules.signal, guestOf(response).signal]);
    try {
      response.write(opening);
      await follow({ response, modules, hub, query, signal }, at);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      leave();
      response.end();
    }
  };
}

function refuse(response: Response, limit: 'all' | 'caller'): void {
  response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  sendProblem(
    response,
    limit === 'caller'
      ? problem(
          429,
          'too-many-streams',
          'this caller has too many event streams open; close some, or try again',
        )
      : problem(503, 'too-many-streams', 'too many event streams are open; try again in a while'),
  );
}

interface Asked {
  readonly device?: string;
  readonly kinds?: string;
}

/** Where a stream begins, and what it says first. @throws ActionError `bad-input`, `not-found` */
async function beginningOf(
  request: Request,
  response: Response,
  { ports }: ApiModules,
): Promise<{ query: Asked; at: number; opening: string }> {
  const lastId = request.headers['last-event-id'];
  const { after: given = '0', ...query } = request.query;
  const after = lastId ?? given;
  const caller = callerOf(response);
  if (query['limit'] !== undefined)
    throw new ActionError('bad-input', 'limit: a stream has no end; it takes none');
  await perform(listEvents, { input: { ...query, after, limit: 1 }, caller, ports });
  const { first, last } = await eventBounds(ports.database);
  if (after === 'now') return { query, at: last, opening: control('open', last) };
  const at = Number(after);
  if (at === 0 || (at >= first - 1 && at <= last)) return { query, at, opening: ':\n\n' };
  const from = at > last ? last : first - 1;
  return { query, at: from, opening: control('reset', from) };
}

/** Something about the stream itself; its id is where a client that comes back goes on. */
function control(event: 'open' | 'reset', seq: number): string {
  return `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify({ seq })}\n\n`;
}

interface Following {
  readonly response: Response;
  readonly modules: ApiModules;
  readonly hub: EventHub;
  readonly query: Asked;
  readonly signal: AbortSignal;
}

async function follow(following: Following, from: number): Promise<void> {
  const { response, modules, hub, query, signal } = following;
  const news = newsOf(hub, modules, response, signal);
  const sees = sightOf(callerOf(response), modules.ports);
  const kinds: ReadonlySet<string> | null = kindsIn(query.kinds ?? null, EVENT_KINDS);
  let at = from;
  try {
    while (!signal.aborted) {
      const told = hub.after(at);
      if (told === null) {
        const page = await olderPage(following, at);
        if (!(await send(following, page.texts))) return;
        at = page.at;
        if (page.isLast && hub.after(at) === null) await news.next();
        continue;
      }
      const texts = told.filter(
        ({ event }) =>
          sees(event.device) &&
          (query.device === undefined || event.device === query.device) &&
          (kinds === null || kinds.has(event.kind)),
      );
      if (
        !(await send(
          following,
          texts.map(({ text }) => text),
        ))
      )
        return;
      at = told.at(-1)?.event.seq ?? at;
      if (told.length === 0) await news.next();
    }
  } finally {
    news.stop();
  }
}

/** What the hub does not hold any more. */
async function olderPage({ response, modules, query, signal }: Following, after: number) {
  // Taken before the page is read: whatever it lacks up to here does not match.
  const head = modules.ports.database.eventFeed.lastSeq;
  const page = (await perform(listEvents, {
    input: { ...query, after },
    caller: callerOf(response),
    ports: modules.ports,
    signal,
  })) as EventList;
  const isLast = page.nextCursor === null;
  const last = page.items.at(-1)?.seq ?? after;
  return { texts: page.items.map(textOf), at: isLast ? Math.max(last, head) : last, isLast };
}

/** @returns false where the reader is let go because it takes nothing */
async function send({ response, modules, signal }: Following, texts: readonly string[]): Promise<boolean> {
  let chunk = '';
  for (const [index, text] of texts.entries()) {
    chunk += text;
    if (chunk.length < CHUNK && index < texts.length - 1) continue;
    if (!response.write(chunk) && !(await drained(response, signal, modules.clock))) {
      modules.logger.info({ actor: callerOf(response).actor }, 'An event stream was closed: nobody reads it');
      response.destroy();
      return false;
    }
    chunk = '';
  }
  return true;
}

/** Wakes a waiting stream when something was appended, and keeps the line warm meanwhile. */
function newsOf(hub: EventHub, { clock }: ApiModules, response: Response, signal: AbortSignal) {
  let wake: (() => void) | null = null;
  let isNews = false;
  const stopListening = hub.onNews(() => {
    isNews = true;
    wake?.();
  });
  const keepWarm = (): void => {
    if (!response.writableNeedDrain) response.write(PING);
    cancel = clock.after(PING_MS, keepWarm, { unref: true });
  };
  let cancel = clock.after(PING_MS, keepWarm, { unref: true });
  const onAbort = (): void => wake?.();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    async next(): Promise<void> {
      if (!isNews && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      wake = null;
      isNews = false;
    },
    stop(): void {
      stopListening();
      cancel();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
