import type { Timing } from '../fleet/fleet.ts';
import type { XapiSettings } from '../xapi/settings.ts';

/** The file's timing in the transports' own terms. */
export function xapiSettings(timing: Timing): Partial<XapiSettings> {
  const { connectMs, requestMs, pingMs, retryFirstMs, retryMostMs, sweepMs } = timing;
  return {
    connectTimeoutMs: connectMs,
    handshakeTimeoutMs: connectMs,
    requestDeadlineMs: requestMs,
    readDeadlineMs: requestMs,
    commandDeadlineMs: requestMs * 2,
    documentDeadlineMs: requestMs * 2,
    heartbeatMs: pingMs,
    heartbeatDeadlineMs: Math.ceil(pingMs / 2),
    reconnectBackoff: { firstMs: retryFirstMs, mostMs: retryMostMs },
    pollMs: Math.min(60_000, sweepMs),
  };
}
