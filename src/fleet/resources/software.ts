import { type AbortOptions, sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Device, DeviceIdentity, SettingAnswer } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import type { Guards, WriteLedger } from '../apply.ts';
import type { Change, ChangeResult, Outcome } from '../change.ts';
import type { DesiredDevice, DesiredSoftware } from '../fleet.ts';
import { isRefusal, NOTHING } from '../managed-content.ts';
import type { Resource, ResourceDiff } from '../resource.ts';

export const SOFTWARE_KIND = 'software';

/** The version that the device says it runs. */
export type ObservedSoftware = string;

/** Reports the software version and never changes it: an upgrade happens only where `upgrade` is called for by name. */
export class SoftwareResource implements Resource<ObservedSoftware> {
  readonly kind = SOFTWARE_KIND;

  async observe(
    _device: Device,
    _desired: DesiredDevice,
    { software }: DeviceIdentity,
  ): Promise<ObservedSoftware> {
    return software;
  }

  diff({ content }: DesiredDevice, observed: ObservedSoftware): ResourceDiff {
    const software = content?.software ?? null;
    if (software === null) return NOTHING;
    if (isVersion(observed, software.version)) return { ...NOTHING, untouched: 1 };
    const hint = `the device runs ${observed} and the file says ${software.version}; software is changed only by an upgrade that is asked for`;
    return { ...NOTHING, hints: [hint] };
  }

  async apply(_device: Device, changes: readonly Change[]): Promise<SettingAnswer[]> {
    const reason = 'software is never changed by an apply';
    return changes.map(({ path }) => ({ path, outcome: 'refused', reason }));
  }
}

export interface UpgradeModules {
  readonly clock: Clock;
  /** Asked right before the device hears of it; an upgrade takes the room out of use for many minutes. */
  readonly guards: Guards;
  readonly ledger: WriteLedger;
}

export interface UpgradeTimes {
  /** How often the device is asked how far it is. */
  readonly pollMs: number;
  /** How long download, installation and restart may take together. */
  readonly withinMs: number;
}

export const UPGRADE_TIMES: UpgradeTimes = { pollMs: 10_000, withinMs: 60 * 60_000 };

/**
 * Upgrades one device and waits until it runs the version, which alone is
 * proof: the reply may hang or be cut when the device restarts (facts, trap 22).
 * The result's change has the path `Software`; `accepted` without a detail
 * where the version was there already and nothing was done. What the device
 * does wrong is data; rejects only when the signal aborts or the database fails.
 */
export async function upgrade(
  device: Device,
  desired: DesiredSoftware,
  {
    clock,
    guards,
    ledger,
    times = UPGRADE_TIMES,
    signal,
  }: UpgradeModules & {
    times?: UpgradeTimes;
  } & AbortOptions,
): Promise<ChangeResult> {
  const before = await lookBefore(device, signal);
  const change = changeOf(before instanceof XapiError ? null : before.version, desired);
  const ended = (outcome: Outcome, detail: string | null): ChangeResult => ({ change, outcome, detail });
  if (before instanceof XapiError) return ended('failed', before.message);
  if (isVersion(before.version, desired.version)) return ended('accepted', null);
  if (desired.url === null)
    return ended(
      'refused',
      `not sent: the file does not say from where to fetch ${desired.version}; write software.url`,
    );
  const forbidden = guards.forbids();
  if (forbidden !== null) return ended('held', forbidden);
  const inUse = await guards.inUse(signal);
  if (inUse !== null) return ended('waiting', inUse);
  const ids = await ledger.intend([change]);
  let result = ended('failed', 'the upgrade was cut off and its outcome is not known');
  try {
    const refusal = await order(device, desired.url, signal);
    result =
      refusal === null
        ? { change, ...(await watch({ device, desired, before }, { clock, times, signal })) }
        : ended('refused', refusal);
  } finally {
    await ledger.settle(ids, [result]);
  }
  return result;
}

/** Whether a device's version (`ce26.4.1.0a1b2c3`) is the one meant (`26.4.1`, or as long as one likes). */
export function isVersion(running: string, wanted: string): boolean {
  const have = versionParts(running);
  return versionParts(wanted).every((part, at) => have[at] === part);
}

function versionParts(version: string): string[] {
  return version
    .trim()
    .toLowerCase()
    .replace(/^(?:ce|roomos)\s*/, '')
    .split('.');
}

interface Before {
  readonly version: string;
  readonly uptime: number | null;
  /** What is told of the last upgrade; a failure that stood there before is not this one's. */
  readonly told: string;
}

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
async function order(device: Device, URL: string, signal: AbortSignal | undefined): Promise<string | null> {
  try {
    await device.command('SystemUnit.SoftwareUpgrade', { URL, Forced: 'True' }, { signal });
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    return isRefusal(error) ? error.message : null;
  }
}

interface Watched {
  readonly device: Device;
  readonly desired: DesiredSoftware;
  readonly before: Before;
}

/** Asks until the version has changed, the device has restarted without it, or it tells that it failed. */
async function watch(
  watched: Watched,
  { clock, times, signal }: { clock: Clock; times: UpgradeTimes } & AbortOptions,
): Promise<Pick<ChangeResult, 'outcome' | 'detail'>> {
  const end = clock.monotonic() + times.withinMs;
  let lastWord = 'it still runs the version of before';
  for (;;) {
    await sleep(times.pollMs, clock, { signal });
    try {
      const verdict = await look(watched, signal);
      if (verdict !== null) return verdict;
      lastWord = 'it still runs the version of before';
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof XapiError)) throw error;
      if (!error.retryable) return { outcome: 'failed', detail: `not proven: ${error.message}` };
      lastWord = `it does not answer (${messageOf(error)})`;
    }
    if (clock.monotonic() >= end)
      return { outcome: 'failed', detail: `not proven within ${times.withinMs / 60_000} min: ${lastWord}` };
  }
}

async function look(
  { device, desired, before }: Watched,
  signal: AbortSignal | undefined,
): Promise<Pick<ChangeResult, 'outcome' | 'detail'> | null> {
  const { software } = await device.identify({ signal });
  if (isVersion(software, desired.version)) return { outcome: 'accepted', detail: null };
  const { uptime, told, failure } = await progress(device, signal);
  if (software !== before.version)
    return { outcome: 'differs', detail: `the device restarted with ${software} instead` };
  if (uptime !== null && before.uptime !== null && uptime < before.uptime)
    return { outcome: 'differs', detail: `the device restarted and still runs ${software}` };
  if (failure !== null && told !== before.told)
    return { outcome: 'refused', detail: `the device says that the upgrade failed: ${failure}` };
  return null;
}

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
    told: [status, told('LastChange'), told('SessionId'), told('Message')].join(' '),
    failure: /fail/i.test(status) ? told('Message') || status : null,
  };
}

function changeOf(from: string | null, { version }: DesiredSoftware): Change {
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
