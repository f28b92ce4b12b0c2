import type { AbortOptions } from '../../lib/abort.ts';
import type { DeviceIdentity } from '../device.ts';
import { XapiError } from '../errors.ts';
import type { RawLink } from '../raw-link.ts';
import type { RawSocket } from '../raw-socket.ts';
import { HTTPS_PROBES } from './https-probes.ts';
import { NOT_ASKED } from './not-asked.ts';
import { type Bench, type Probe, type ProbeResult, probe } from './probe.ts';
import { redactor } from './redact.ts';
import { SOCKET_PROBES } from './socket-probes.ts';

export const PROBES: readonly Probe[] = [...HTTPS_PROBES, ...SOCKET_PROBES];

const ANSWER_MS = 15_000;

/** How a device behaves where nobody knew, without a word on which device it is. */
export interface ConformanceReport {
  readonly product: string;
  readonly software: string;
  readonly probes: readonly ProbeResult[];
  readonly notAsked: readonly { readonly setting: string; readonly because: string }[];
}

/**
 * Compares a device with what facts leave open. It reads: no setting is
 * written, no password but the right one is sent, sessions and subscriptions of
 * its own are ended.
 * @throws XapiError where the device cannot be logged in to
 */
export async function conformanceReport(
  link: RawLink,
  identity: DeviceIdentity,
  { signal }: AbortOptions,
): Promise<ConformanceReport> {
  const bench = await benchOn(link, signal);
  const results = await probe(PROBES, bench);
  const { serial, systemName, product, software } = identity;
  const { name, host, username, credential } = link.address;
  const known = [serial, systemName ?? '', name, host, username, credential];
  const clean = redactor(known, { keep: [product, software] });
  return {
    product,
    software,
    probes: results.map((result) => ({
      ...result,
      seen: clean(result.seen),
      choice: typeof result.choice === 'string' ? clean(result.choice) : result.choice,
    })),
    notAsked: Object.entries(NOT_ASKED).map(([setting, because]) => ({ setting, because })),
  };
}

async function benchOn(link: RawLink, signal: AbortSignal | undefined): Promise<Bench> {
  const begun = await link.begin({ signal });
  const socket = await socketOf(link, signal);
  return {
    link,
    begun,
    socket,
    signal,
    async ask(method, params) {
      if (socket === null) throw new XapiError('websocket-off', 'the device opens no websocket');
      const { result, error } = await socket.ask(method, params, { deadlineMs: ANSWER_MS, signal });
      return { result, error: error ?? null };
    },
    get: (path) => link.request({ method: 'GET', path }, { signal }),
    put: (body) => link.request({ method: 'POST', path: '/putxml', body }, { signal }),
  };
}

async function socketOf(link: RawLink, signal: AbortSignal | undefined): Promise<RawSocket | null> {
  try {
    return await link.socket({ signal });
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}
