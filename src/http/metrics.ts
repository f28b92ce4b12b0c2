import type { RequestHandler, Response } from 'express';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import { DURATION_BUCKETS_SECONDS, type Registry } from '../lib/metrics.ts';

/** Counts requests by verb; whatever no verb answers is `other`, so that nobody makes series by asking. */
export function countRequests(registry: Registry, clock: Clock): RequestHandler {
  const registers = [registry];
  const requests = new Counter({
    name: 'roomd_http_requests_total',
    help: 'Requests to the API by the verb that answered (other: none) and the class of the status (2xx)',
    labelNames: ['verb', 'status'],
    registers,
  });
  const took = new Histogram({
    name: 'roomd_http_request_duration_seconds',
    help: 'How long requests took until they were answered whole; event streams are not among them',
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const streams = new Gauge({
    name: 'roomd_http_event_streams',
    help: 'Event streams that are open',
    registers,
  });
  return (_request, response, next) => {
    const begun = clock.monotonic();
    response.once('close', () => {
      const verb = verbOf(response);
      requests.inc({ verb, status: `${Math.floor(response.statusCode / 100)}xx` });
      if (verb === STREAM) streams.dec();
      else took.observe((clock.monotonic() - begun) / 1_000);
    });
    response.locals['onStream'] = () => streams.inc();
    next();
  };
}

const STREAM = 'events.stream';

/** Says which verb answers this request. */
export function nameVerb(response: Response, verb: string): void {
  response.locals['verb'] = verb;
}

/** Says that this answer is an event stream. */
export function nameStream(response: Response): void {
  nameVerb(response, STREAM);
  (response.locals['onStream'] as (() => void) | undefined)?.();
}

function verbOf(response: Response): string {
  return (response.locals['verb'] as string | undefined) ?? 'other';
}
