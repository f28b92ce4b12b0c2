import type { DesiredDevice } from '../fleet/fleet.ts';
import { looksMasked } from '../fleet/value-check.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { ConfigurationDocument, Device, Setting, SettingAnswer } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import { pathKey } from '../xapi/path.ts';
import type { Lender, LendRequest, MacroPorts } from './ports.ts';
import {
  type LentSetting,
  type NewLent,
  type SettingStore,
  type Settled,
  untilText,
} from './setting-store.ts';
import { StepError } from './step.ts';

export interface SettingReturnsOptions {
  /** How often it looks for what is due; also how soon after a device is back. */
  readonly lookMs: number;
}

/**
 * Settings that macros change for a time: on record before the device hears of
 * them, and put back when their time is over, also after a crash, and when a
 * device is back that was not there then. Only a value that is still ours is
 * put back; where somebody changed it meanwhile, that stays.
 */
export class SettingReturns implements Part, Lender {
  readonly name = 'macro settings';
  readonly #options: SettingReturnsOptions;
  readonly #store: SettingStore;
  readonly #ports: Pick<MacroPorts, 'device' | 'mode' | 'mayAct'>;
  readonly #desired: (name: string) => DesiredDevice | null;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #mutex = new KeyedMutex();
  /** Runs that hold something until they end. */
  readonly #runs = new Set<string>();
  #callOff: (() => void) | null = null;
  #looking: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(
    options: SettingReturnsOptions,
    parts: {
      store: SettingStore;
      ports: Pick<MacroPorts, 'device' | 'mode' | 'mayAct'>;
      desired: (name: string) => DesiredDevice | null;
      clock: Clock;
      logger: Logger;
    },
  ) {
    this.#options = options;
    this.#store = parts.store;
    this.#ports = parts.ports;
    this.#desired = parts.desired;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Runs that held something are over: roomd was. */
  async start(): Promise<void> {
    const orphans = (await this.#store.held()).filter(({ untilAt }) => untilAt === null);
    await this.#store.due(orphans, this.#clock.now());
    this.#isRunning = true;
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#callOff?.();
    await this.#looking;
  }

  /** @throws StepError; XapiError. Whatever it throws, what was changed is put back, at once or as soon as the device answers. */
  lend(request: LendRequest): Promise<{ set: Setting[]; already: Setting[] }> {
    const { device } = request;
    return this.#mutex.run(device.address.name, async () => {
      const { lent, longer, already } = await this.#plan(request);
      request.signal.throwIfAborted();
      request.assertMayAct();
      if (request.untilAt === null && lent.length > 0) this.#runs.add(request.runId);
      await this.#store.lend(lent, longer, { at: this.#clock.now(), untilAt: request.untilAt });
      if (lent.length > 0) await this.#write(request, lent);
      return { set: lent.map(({ path, value }) => ({ path, value })), already };
    });
  }

  /** Puts back what a run holds until it ends. */
  async endOfRun(runId: string): Promise<void> {
    if (!this.#runs.delete(runId)) return;
    const held = await this.#store.held();
    const ours = held.filter((one) => one.runId === runId && one.untilAt === null);
    await this.#store.due(ours, this.#clock.now());
    for (const [name, lent] of byDevice(ours))
      await this.#mutex.run(name, () => this.#tryPutBack(name, lent));
  }

  async #plan({ runId, macro, device, settings, untilAt, signal }: LendRequest) {
    const { id, name } = device.address;
    const held = (await this.#store.held()).filter(({ deviceId }) => deviceId === id);
    const document = await device.readConfiguration({ signal });
    const lent: NewLent[] = [];
    const longer: LentSetting[] = [];
    const already: Setting[] = [];
    for (const { path: said, value } of settings) {
      const found = document.find(said);
      if (found === null) throw new StepError('failed', `${name} has no setting ${said}`);
      const { path, value: before } = found;
      if (looksMasked(before))
        throw new StepError('refused', `${path} is hidden by the device, so it could not be put back`);
      const other = held.find((one) => pathKey(one.path) === pathKey(path));
      if (other !== undefined) {
        refuseUnlessSame(other, { value, shown: before, untilAt });
        longer.push(other);
      } else if (before === value) already.push({ path, value });
      else lent.push({ runId, macro, deviceId: id, path, before, value, untilAt });
    }
    return { lent, longer, already };
  }

  async #write({ device, runId, signal }: LendRequest, lent: readonly NewLent[]): Promise<void> {
    try {
      const answers = await device.writeConfiguration(lent, { signal });
      const refused = answers.find(isRefused);
      if (refused !== undefined)
        throw new StepError('failed', `the device refused ${refused.path}: ${refused.reason}`);
      await this.#seeTaken(await device.readConfiguration({ signal }), lent);
    } catch (error) {
      const { id, name } = device.address;
      const held = (await this.#store.held()).filter((one) => one.deviceId === id && one.runId === runId);
      const mine = held.filter(({ path }) => lent.some((one) => one.path === path));
      await this.#store.due(mine, this.#clock.now());
      await this.#tryPutBack(name, mine);
      throw error;
    }
  }

  /** A device may write a value in its own way (7 for 07): then that is ours. */
  async #seeTaken(document: ConfigurationDocument, lent: readonly NewLent[]): Promise<void> {
    for (const one of lent) {
      const shown = document.find(one.path)?.value ?? one.before;
      if (shown === one.before)
        throw new StepError('failed', `the device took ${one.path} and still shows "${one.before}"`);
      if (shown !== one.value) await this.#store.shown(one, shown);
    }
  }

  #look(): void {
    this.#looking = this.#putBackDue()
      .catch((error: unknown) => {
        this.#logger.error({ error: messageOf(error) }, 'settings of macros could not be looked for');
      })
      .then(() => {
        if (this.#isRunning) this.#callOff = this.#clock.after(this.#options.lookMs, () => this.#look());
      });
  }

  async #putBackDue(): Promise<void> {
    const now = this.#clock.now();
    const due = (await this.#store.held()).filter(({ untilAt }) => untilAt !== null && untilAt <= now);
    const ready = [...byDevice(due)].filter(([name]) => this.#mayPutBack(name));
    await Promise.all(ready.map(([name, lent]) => this.#mutex.run(name, () => this.#tryPutBack(name, lent))));
  }

  /** By itself roomd writes only in `enforce`, and nothing under a hold: then it waits. */
  #mayPutBack(name: string): boolean {
    const desired = this.#desired(name);
    const session = this.#ports.device(name)?.session().state;
    return (
      (session === 'up' || session === 'up-https') &&
      desired !== null &&
      !desired.protected &&
      this.#ports.mode() === 'enforce' &&
      this.#ports.mayAct(desired).ok
    );
  }

  /** A device that does not answer is tried again at the next look. */
  async #tryPutBack(name: string, lent: readonly LentSetting[]): Promise<void> {
    const device = this.#ports.device(name);
    if (device === null || lent.length === 0) return;
    try {
      const settled = await putBack(device, lent);
      await this.#store.settle(settled, this.#clock.now());
      for (const { lent: one, state, reason } of settled)
        this.#logger.info(
          { device: name, macro: one.macro, run: one.runId, path: one.path, state, reason },
          'a setting that a macro changed for a time is settled',
        );
    } catch (error) {
      if (!(error instanceof XapiError)) throw error;
      this.#logger.warn(
        { device: name, reason: messageOf(error) },
        'settings that a macro changed for a time could not be put back yet',
      );
    }
  }
}

/** Reads first, restores only where the value is still ours, and reads back. */
async function putBack(device: Device, lent: readonly LentSetting[]): Promise<Settled[]> {
  const document = await device.readConfiguration();
  const shownOf = (one: LentSetting): string | null => document.find(one.path)?.value ?? null;
  const ours = lent.filter((one) => shownOf(one) === one.value);
  const answers =
    ours.length === 0
      ? []
      : await device.writeConfiguration(ours.map(({ path, before: value }) => ({ path, value })));
  const after = ours.length === 0 ? document : await device.readConfiguration();
  return lent.map((one): Settled => {
    const shown = shownOf(one);
    if (shown === one.before) return { lent: one, state: 'returned', reason: null };
    if (shown !== one.value)
      return {
        lent: one,
        state: 'left',
        reason: `it is ${shown ?? 'gone'} by now, which a macro did not set`,
      };
    const answer = answers[ours.indexOf(one)];
    if (answer !== undefined && isRefused(answer))
      return { lent: one, state: 'failed', reason: answer.reason };
    return after.find(one.path)?.value === one.before
      ? { lent: one, state: 'returned', reason: null }
      : { lent: one, state: 'failed', reason: 'the device took it and does not show it' };
  });
}

function refuseUnlessSame(
  other: LentSetting,
  { value, shown, untilAt }: { value: string; shown: string; untilAt: number | null },
): void {
  if (other.value === value && shown === value && other.untilAt !== null && untilAt !== null) return;
  throw new StepError(
    'refused',
    `${other.path} is set to ${other.value} by the macro "${other.macro}" ${untilText(other.untilAt)}`,
  );
}

type Refused = Extract<SettingAnswer, { outcome: 'refused' }>;

function isRefused(answer: SettingAnswer): answer is Refused {
  return answer.outcome === 'refused';
}

function byDevice(lent: readonly LentSetting[]): Map<string, LentSetting[]> {
  const devices = new Map<string, LentSetting[]>();
  for (const one of lent) devices.set(one.device, [...(devices.get(one.device) ?? []), one]);
  return devices;
}
