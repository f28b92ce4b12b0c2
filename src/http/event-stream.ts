import type { RequestHandler, Response } from 'express';
import { perform } from '../actions/action.ts';
import { type EventList, type EventQuery, listEvents } from '../actions/events.ts';
import { type ApiModules, callerOf, guestOf } from './context.ts';
import { drained } from './rows.ts';

/** A comment keeps proxies from closing a quiet stream. */
const KEEP_ALIVE_MS = 15_000;

/**
 * GET /api/v1/events with `Accept: text/event-stream`: the same events as
 * server-sent events, each with its `seq` as id, from `Last-Event-ID` or
 * `after` on, and then as they happen. Slow readers are paced, not buffered.
 */
export function streamEvents(modules: ApiModules): RequestHandler {
  return async (request, response, next) => {
    if (!(request.headers.accept ?? '').includes('text/event-stream')) {
      next();
      return;
    }
    const caller = callerOf(response);
    const lastId = request.headers['last-event-id'];
    const query = { ...request.query, ...(lastId === undefined ? {} : { after: lastId }) };
    // The first page is asked for before the headers go out, so that bad input is still a proper problem.
    const first = (await perform(listEvents, { input: query, caller, ports: modules.ports })) as EventList;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    const ended = new AbortController();
    response.once('close', () => ended.abort(new Error('the client went away')));
    const signal = AbortSignal.any([ended.signal, modules.signal, guestOf(response).signal]);
    try {
      await follow({ response, modules, query, first, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      response.end();
    }
  };
}

interface Following {
  readonly response: Response;
  readonly modules: ApiModules;
  readonly query: object;
  readonly first: EventList;
  readonly signal: AbortSignal;
}

async function follow({ response, modules, query, first, signal }: Following): Promise<void> {
  const news = newsOf(modules, response, signal);
  try {
    let page = first;
    let after = (query as Partial<EventQuery>).after ?? 0;
    while (!signal.aborted) {
      for (const event of page.items) {
        if (!response.write(`id: ${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`))
          await drained(response, signal);
        after = event.seq;
      }
      if (page.nextCursor === null) await news.next();
      page = (await perform(listEvents, {
        input: { ...query, after },
        caller: callerOf(response),
        ports: modules.ports,
        signal,
      })) as EventList;
    }
  } finally {
    news.stop();
  }
}

/** Wakes a waiting stream when something was appended, and keeps the line warm meanwhile. */
function newsOf({ ports, clock }: ApiModules, response: Response, signal: AbortSignal) {
  let wake: (() => void) | null = null;
  let isNews = false;
  const stopListening = ports.database.eventFeed.onAppended(() => {
    isNews = true;
    wake?.();
  });
  const keepWarm = (): void => {
    response.write(':\n\n');
    cancel = clock.after(KEEP_ALIVE_MS, keepWarm, { unref: true });
  };
  let cancel = clock.after(KEEP_ALIVE_MS, keepWarm, { unref: true });
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
