import type { Response } from 'express';
import type { Registry } from 'prom-client';
import type { Caller } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import type { TokenBook } from './tokens.ts';

export interface PartHealth {
  readonly part: string;
  readonly ok: boolean;
  /** A sentence where it is not well. */
  readonly reason: string | null;
}

/** What the HTTP door needs of the rest. */
export interface ApiModules {
  readonly ports: Ports;
  /** The tokens of the fleet in force. */
  readonly tokens: () => TokenBook;
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

/** Who asks; set on every path under /api/v1 before any verb runs. */
export function callerOf(response: Response): Caller {
  return response.locals['caller'] as Caller;
}

export function setCaller(response: Response, caller: Caller): void {
  response.locals['caller'] = caller;
}
