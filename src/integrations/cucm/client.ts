import type { Clock } from '../../lib/clock.ts';
import { createHttpClient, type TlsTrust } from '../../lib/http-client.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { AxlClient } from './axl.ts';
import { Pace } from './pace.ts';
import { RisClient } from './ris.ts';
import { type CucmLogin, CucmTransport } from './transport.ts';

export interface CucmClientOptions extends CucmLogin {
  /** Scheme, host and port of a node: `https://cucm.example.com:8443`. A path before the services' own is kept. */
  readonly url: string;
  /** Of AXL: `11.0`, `11.5`, `12.0`, `12.5`, `14.0`, `15.0`. */
  readonly version: string;
  /** The system's roots where nothing is given. */
  readonly tls?: TlsTrust;
  /** A proxy that everything goes through: `http://HOST:PORT`. */
  readonly proxy?: string;
  /** For one request; 60 s where nothing is given, for a page of AXL can take long. */
  readonly deadlineMs?: number;
  /** Rows of a page of AXL; 1000 where nothing is given. */
  readonly pageRows?: number;
  /** Requests that RISPort70 answers in a minute; 15 where nothing is given (cloud facts 4.2). */
  readonly risPerMinute?: number;
}

export interface CucmClient {
  readonly axl: AxlClient;
  readonly ris: RisClient;
  /** Ends its connections; what is under way throws `unreachable`. */
  close(): Promise<void>;
}

/** Speaks to one node of Unified CM, one request at a time. */
export function createCucmClient(
  options: CucmClientOptions,
  modules: { clock: Clock; random: Random; logger?: Logger },
): CucmClient {
  const { origin, pathname } = new URL(options.url);
  const prefix = pathname.replace(/\/+$/, '');
  const { deadlineMs = 60_000, pageRows = 1000, risPerMinute = 15, tls, proxy } = options;
  const { clock, random, logger } = modules;
  const http = createHttpClient({
    origin,
    connections: 1,
    clock,
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(logger === undefined ? {} : { logger }),
  });
  const transport = new CucmTransport(options, { http });
  return {
    axl: new AxlClient(
      { path: `${prefix}/axl/`, version: options.version, deadlineMs, pageRows },
      { transport, clock, random },
    ),
    ris: new RisClient(
      { path: `${prefix}/realtimeservice2/services/RISService70`, deadlineMs },
      { transport, pace: new Pace({ perMinute: risPerMinute }, { clock }) },
    ),
    close: () => transport.close(),
  };
}
