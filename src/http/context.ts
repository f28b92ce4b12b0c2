import type { Response } from 'express';
import type { Registry } from 'prom-client';
import type { Caller } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import type { Access, Grant } from '../fleet/access/access.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';

export interface PartHealth {
  readonly part: string;
  readonly ok: boolean;
  /** A sentence where it is not well. */
  readonly reason: string | null;
}

/** What the HTTP door needs of the rest. */
export interface ApiModules {
  readonly ports: Ports;
  /** Who may come in. */
  readonly access: Access;
  /** Addresses of proxies whose word on the client is believed. */
  readonly trustProxy: readonly string[];
  /** How the parts do; roomd is ready while all that store facts are well. */
  readonly health: () => readonly PartHealth[];
  readonly registry: Registry;
  /** Of roomd, for the description of the API. */
  readonly version: string;
  /** Names requests that come without a name. */
  readonly newId: NewId;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends event streams and requests under way. */
  readonly signal: AbortSignal;
}

/** Somebody who was let in. */
export interface Guest {
  readonly caller: Caller;
  readonly grant: Grant;
  /** The id in the cookie that let them in; null without one. */
  readonly cookie: string | null;
  /** Aborts when what let them in is no more. */
  readonly signal: AbortSignal;
}

/** Who asks; set on every path that needs it before any verb runs. */
export function guestOf(response: Response): Guest {
  return response.locals['guest'] as Guest;
}

export function callerOf(response: Response): Caller {
  return guestOf(response).caller;
}

export function setGuest(response: Response, guest: Guest): void {
  response.locals['guest'] = guest;
}
