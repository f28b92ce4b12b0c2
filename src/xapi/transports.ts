import type { Clock } from '../lib/clock.ts';
import { createHttpClient, type HttpClient } from '../lib/http-client.ts';
import { type Connector, createConnector } from '../lib/http-connect.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { originOf } from './address.ts';
import type { DeviceAddress, LoginGate, WebSessionLedger } from './device.ts';
import type { Limit } from './limit.ts';
import type { XapiSettings } from './settings.ts';
import { type TrustListeners, trustOf } from './trust.ts';
import { WebSession } from './web-session.ts';
import { XmlApi } from './xml-api.ts';

/** The two transports to one device, opened together because they share whom they trust. */
export interface Transports {
  readonly client: HttpClient;
  readonly connector: Connector;
  readonly web: WebSession;
  readonly api: XmlApi;
}

export interface TransportParts extends TrustListeners {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly gate: LoginGate;
  readonly ledger: WebSessionLedger;
  readonly exchanges: Limit;
  readonly count: { readonly stripped: (controls: number) => void };
}

/** @throws XapiError `tls` where the CA file cannot be read */
export async function openTransports(
  { address, settings }: { readonly address: () => DeviceAddress; readonly settings: XapiSettings },
  parts: TransportParts,
): Promise<Transports> {
  const { clock, random, logger, gate, ledger, exchanges: limit, count } = parts;
  const present = address();
  const tls = await trustOf(present, parts);
  const { connectTimeoutMs, connectionsPerDevice: connections } = settings;
  const client = createHttpClient({ origin: originOf(present), tls, connections, connectTimeoutMs, clock });
  const connector = createConnector({ trust: tls, connectTimeoutMs, clock });
  const web = new WebSession(
    { address, settings },
    { client, clock, random, gate, ledger, logger, limit, onStripped: count.stripped },
  );
  return { client, connector, web, api: new XmlApi(settings, { web }) };
}
