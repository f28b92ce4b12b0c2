import { sleep, withDeadline } from '../lib/abort.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { Random } from '../lib/random.ts';
import type { DeviceAddress, WebSessionLedger } from './device.ts';
import type { XapiSettings } from './settings.ts';

/** Ends a session by its cookie and strikes it from the ledger; also for those that a crash left open. */
export async function endWebSession(
  cookie: string,
  address: DeviceAddress,
  settings: Pick<XapiSettings, 'requestDeadlineMs' | 'busyBackoff'>,
  parts: {
    client: HttpClient;
    clock: Clock;
    random: Random;
    ledger: WebSessionLedger;
    /** Runs the work when a place among all devices' exchanges is free. */
    limit: <T>(work: () => Promise<T>) => Promise<T>;
  },
): Promise<void> {
  const what = `ending the web session at ${address.name}`;
  const { clock, random } = parts;
  await withDeadline({ what, afterMs: settings.requestDeadlineMs, clock }, async (signal) => {
    for (let failures = 1; ; failures += 1) {
      const response = await parts.limit(() =>
        parts.client.request({
          method: 'POST',
          path: '/xmlapi/session/end',
          headers: { cookie },
          deadlineMs: settings.requestDeadlineMs,
          maxBytes: 100_000,
          signal,
        }),
      );
      if (response.status !== 503) return;
      await sleep(backoffMs(failures, settings.busyBackoff, random), clock, { signal });
    }
  });
  await parts.ledger.closed(address.id, cookie);
}
