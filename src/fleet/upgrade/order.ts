import { type AbortOptions, sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Device } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import type { Guards, WriteLedger } from '../apply.ts';
import type { Change, ChangeResult, Outcome } from '../change.ts';
import type { DesiredSoftware } from '../fleet.ts';
import { isRefusal } from '../managed-content.ts';
import { isVersion, SOFTWARE_KIND } from '../resources/software.ts';

/** An order that is on record: from then on the device may have heard of it. */
export interface UpgradeOrder {
  /** Of the row in `write`. */
  readonly writeId: string;
  /** Wall time, UTC milliseconds. */
  readonly at: number;
  /** What the device ran, and for how many seconds; null where it does not tell. */
  readonly version: string;
  readonly uptime: number | null;
  /** What it told of the upgrade before; a failure that stood there is not this one's. */
  readonly told: string;
}

export interface OrderModules {
  readonly clock: Clock;
  /** Asked right before the device hears of it; an upgrade takes the room out of use for many minutes. */
  readonly guards: Guards;
  readonly ledger: WriteLedger;
  /** Puts the order on record before it is given. */
  readonly record: (order: UpgradeOrder) => Promise<void>;
}

type Software = Pick<DesiredSoftware, 'version' | 'url'>;

/**
 * Looks at a device and orders its upgrade. Answers the order, whose outcome
 * only `followUpgrade` knows, or what became of it at once: `accepted` where
 * the device runs the version already, and nothing was sent. What the device
 * does wrong is data; rejects only when the signal aborts or the database fails.
 */
export async function orderUpgrade(
  device: Device,
  wanted: Software,
  { clock, guards, ledger, record, signal }: OrderModules & AbortOptions,
): Promise<UpgradeOrder | ChangeResult> {
  const before = await lookBefore(device, signal);
  if (before instanceof XapiError) return upgradeResult(null, wanted, 'failed', before.message);
  const { version } = before;
  if (isVersion(version, wanted.version)) return upgradeResult(version, wanted, 'accepted', null);
  if (wanted.url === null)
    return upgradeResult(
      version,
      wanted,
      'refused',
      `not sent: the file does not say from where to fetch ${wanted.version}; write software.url`,
    );
  const forbidden = guards.forbids();
  if (forbidden !== null) return upgradeResult(version, wanted, 'held', forbidden);
  const inUse = await guards.inUse(signal);
  if (inUse !== null) return upgradeResult(version, wanted, 'waiting', inUse);
  const [writeId = ''] = await ledger.intend([changeOf(version, wanted)]);
  const given = { writeId, at: clock.now(), ...before };
  await record(given);
  const refusal = await send(device, wanted.url, signal);
  if (refusal === null) return given;
  const refused = upgradeResult(version, wanted, 'refused', refusal);
  await ledger.settle([writeId], [refused]);
  return refused;
}

export function isOrder(begun: UpgradeOrder | ChangeResult): begun is UpgradeOrder {
  return 'writeId' in begun;
}

/** What became of an upgrade; the change has the path `Software`. */
export function upgradeResult(
  from: string | null,
  wanted: Software,
  outcome: Outcome,
  detail: string | null,
): ChangeResult {
  return { change: changeOf(from, wanted), outcome, detail };
}

function changeOf(from: string | null, { version }: Software): Change {
  return {
    kind: SOFTWARE_KIND,
    path: 'Software',
    from,
    to: version,
    wanted: version,
    unreadable: false,
    noticeable: true,
  };
}

export interface UpgradeTimes {
  /** How often the device is asked how far it is. */
  readonly pollMs: number;
  /** How long download, installation and restart may take together. */
  readonly withinMs: number;
  /** After this long a device that tells of no upgrade has not heard of an order that may never have been sent. */
  readonly unheardMs: number;
}

export interface FollowModules {
  /** As it is reached now: a session that broke may have made it anew. */
  readonly device: () => Device;
  readonly clock: Clock;
  readonly times: UpgradeTimes;
  /** roomd ended between the record and here: the order may never have been sent. */
  readonly isResumed: boolean;
}

export type Followed = Pick<ChangeResult, 'outcome' | 'detail'> | 'unheard';

/**
 * Waits until the device runs the version, which alone is proof: the reply to
 * the order may hang or be cut when the device restarts (facts, trap 22). The
 * device is only read. `unheard`: it surely never had the order.
 */
export async function followUpgrade(
  order: UpgradeOrder,
  wanted: Software,
  { device, clock, times, isResumed, signal }: FollowModules & AbortOptions,
): Promise<Followed> {
  const since = Math.max(0, clock.now() - order.at);
  const end = clock.monotonic() + Math.max(times.withinMs - since, times.pollMs);
  const unheardAt = clock.monotonic() + Math.max(times.unheardMs - since, times.pollMs);
  let lastWord = '';
  let hasMoved = false;
  // What was cut off is looked at first; a device that was told a moment ago is left to it.
  if (!isResumed) await sleep(times.pollMs, clock, { signal });
  for (;;) {
    try {
      const seen = await look(device(), wanted, order, { hasMoved, signal });
      if ('outcome' in seen) return seen;
      hasMoved ||= seen.hasMoved;
      if (isResumed && seen.isUntouched && clock.monotonic() >= unheardAt) return 'unheard';
      lastWord = `it still runs ${order.version}`;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof XapiError)) throw error;
      if (!error.retryable) return { outcome: 'failed', detail: `not proven: ${error.message}` };
      lastWord = `it does not answer (${messageOf(error)})`;
    }
    if (clock.monotonic() >= end)
      return {
        outcome: 'failed',
        detail: `not proven within ${shownMinutes(times.withinMs)} of the order: ${lastWord}`,
      };
    await sleep(times.pollMs, clock, { signal });
  }
}

function shownMinutes(ms: number): string {
  return ms < 60_000 ? `${ms / 1_000} s` : `${Math.round(ms / 60_000)} min`;
}

type Before = Pick<UpgradeOrder, 'version' | 'uptime' | 'told'>;

async function lookBefore(device: Device, signal: AbortSignal | undefined): Promise<Before | XapiError> {
  try {
    const { software: version } = await device.identify({ signal });
    const { uptime, told } = await progress(device, signal);
    return { version, uptime, told };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof XapiError) return error;
    throw error;
  }
}

/** The device's refusal, or null where it took the order or said nothing. */
async function send(device: Device, URL: string, signal: AbortSignal | undefined): Promise<string | null> {
  try {
    await device.command('SystemUnit.SoftwareUpgrade', { URL, Forced: 'True' }, { signal });
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    return isRefusal(error) ? error.message : null;
  }
}

/** Tells the end where there is one; else whether the device shows no trace of the order. */
async function look(
  device: Device,
  wanted: Software,
  before: Before,
  { hasMoved, signal }: { hasMoved: boolean } & AbortOptions,
): Promise<Exclude<Followed, 'unheard'> | Underway> {
  const { software } = await device.identify({ signal });
  if (isVersion(software, wanted.version)) return { outcome: 'accepted', detail: null };
  const { uptime, told, failure } = await progress(device, signal);
  if (software !== before.version)
    return { outcome: 'differs', detail: `the device restarted with ${software} instead` };
  if (uptime !== null && before.uptime !== null && uptime < before.uptime)
    return { outcome: 'differs', detail: `the device restarted and still runs ${software}` };
  if (failure !== null && (hasMoved || told !== before.told))
    return { outcome: 'refused', detail: `the device says that the upgrade failed: ${failure}` };
  // A device that tells nothing of upgrades may be at one all the same.
  return { hasMoved: told !== before.told, isUntouched: told !== NOTHING_TOLD && told === before.told };
}

interface Underway {
  /** It tells something else of upgrades than before the order. */
  readonly hasMoved: boolean;
  /** It tells of upgrades, and the same as before the order. */
  readonly isUntouched: boolean;
}

const NOTHING_TOLD = '';

/** Uptime in seconds, and what `Provisioning Software UpgradeStatus` tells (SC). */
async function progress(
  device: Device,
  signal: AbortSignal | undefined,
): Promise<{ uptime: number | null; told: string; failure: string | null }> {
  const unit = await device.readStatus('SystemUnit.Uptime', { signal });
  const upgrades = await device.readStatus('Provisioning.Software.UpgradeStatus', { signal });
  const told = (leaf: string): string => upgrades.get(`Provisioning.Software.UpgradeStatus.${leaf}`) ?? '';
  const uptime = Number(unit.get('SystemUnit.Uptime') ?? Number.NaN);
  const status = told('Status');
  return {
    uptime: Number.isFinite(uptime) ? uptime : null,
    told: [status, told('LastChange'), told('SessionId'), told('Message')].join(' ').trim(),
    failure: /fail/i.test(status) ? told('Message') || status : null,
  };
}
