import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { NewId } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import type { Device } from '../xapi/device.ts';
import { type Alert, slotOf } from './alert.ts';
import { alertsOf } from './alerts-section.ts';
import { type Outcome, outcomesOf, statementsOf } from './carry-out.ts';
import { decide, NO_PERIODS, type Periods } from './decide.ts';
import { DeviceBook } from './device-book.ts';
import { DirectLine } from './direct-line.ts';
import { gather, maintenanceOf, roomsOf, type Sources } from './gather.ts';
import { judge } from './judge.ts';
import { LogTail } from './log-tail.ts';
import type { Maintenances } from './maintenance.ts';
import { acknowledgedMessage } from './message.ts';
import { declareAlertMetrics } from './metrics.ts';
import { recordedPeripherals } from './peripheral-record.ts';
import type { AlertPorts } from './ports.ts';
import { Probe } from './probe.ts';
import { MISSED_MS } from './rules/peripheral-lost.ts';
import { type MaintenanceNow, QuietTimes, silencedBy } from './silence.ts';
import { Stillness } from './stillness.ts';
import { AlertStore } from './store.ts';

export interface AlertWatchOptions {
  /** Everything is looked at again so often, whatever was heard. */
  readonly lookMs: number;
  /** News of devices is gathered so long before it is looked at. */
  readonly gatherMs: number;
  /** Devices are asked for their clock and certificates so often. */
  readonly probeMs: number;
  /** Services that hold state are told it again so often. */
  readonly repeatMs: number;
}

export const ALERT_DEFAULTS: AlertWatchOptions = {
  lookMs: 5_000,
  gatherMs: 250,
  probeMs: 15 * 60_000,
  repeatMs: 60_000,
};

export interface AlertWatchModules {
  readonly database: Database;
  readonly ports: AlertPorts;
  readonly maintenances: Maintenances;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly registry?: Registry;
}

const PROBES_AT_ONCE = 8;

/**
 * Looks at everything every few seconds and whenever a device tells something,
 * and keeps the alerts: on record, told to whom the file names, and resolved.
 * State and messages are committed together, so that a kill at any moment
 * neither loses nor repeats one. Watching periods begin anew with roomd.
 */
export class AlertWatch implements Part {
  readonly name = 'alerts';
  readonly #options: AlertWatchOptions;
  readonly #modules: AlertWatchModules;
  readonly #store: AlertStore;
  readonly #book: DeviceBook;
  readonly #tail: LogTail;
  readonly #probe: Probe;
  readonly #stillness: Stillness;
  readonly #stopping = new AbortController();
  readonly #direct: DirectLine;
  /** Told directly and yet to be recorded. */
  #unsaved: readonly Outcome[] = [];
  #quiet: QuietTimes;
  #alerts = new Map<string, Alert>();
  #periods: Periods = NO_PERIODS;
  #turn: Promise<unknown> = Promise.resolve();
  #cancelLook: () => void = () => undefined;
  #isRunning = false;
  #isFailing = false;
  #isAsked = false;

  constructor(options: AlertWatchOptions, modules: AlertWatchModules) {
    const { database, ports, maintenances, clock, logger, registry } = modules;
    this.#options = options;
    this.#modules = modules;
    this.#store = new AlertStore({ database });
    this.#tail = new LogTail({ database });
    this.#stillness = new Stillness({ database });
    this.#probe = new Probe(
      { everyMs: options.probeMs, atOnce: PROBES_AT_ONCE },
      { devices: () => ports.devices(), clock },
    );
    this.#book = new DeviceBook(
      {
        onNews: (device, news) => {
          if (news.type === 'snapshot') this.#probe.ask(device);
          this.lookSoon();
        },
      },
      { clock },
    );
    this.#direct = new DirectLine(
      { everyMs: options.repeatMs },
      { notifiers: () => ports.notifiers(), open: () => this.open(), clock, logger },
    );
    this.#quiet = new QuietTimes(alertsOf(ports.fleet()));
    maintenances.onChange(() => this.lookSoon());
    if (registry !== undefined) declareAlertMetrics(registry, () => this.open());
  }

  /** Takes over the fleet in force; call it before `start`, and after every change of the file. */
  reload(): void {
    const { ports } = this.#modules;
    this.#quiet = new QuietTimes(alertsOf(ports.fleet()));
    this.#book.watch(ports.devices());
    this.lookSoon();
  }

  /** Listens to a device from now on, instead of the one that stood for it before. */
  listen(device: Device): void {
    this.#book.listen(device);
  }

  async start(): Promise<void> {
    this.#alerts = new Map((await this.#store.open()).map((alert) => [slotOf(alert), alert]));
    const now = this.#modules.clock.now();
    const attached = await recordedPeripherals(this.#modules.database, { since: now - MISSED_MS, now });
    for (const { deviceId, peripheral } of attached) this.#book.remember(deviceId, peripheral);
    this.#isRunning = true;
    this.#probe.start();
    this.#look();
    this.#direct.start();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancelLook();
    this.#book.stop();
    await this.#probe.stop();
    await this.#turn;
    await this.#direct.stop();
  }

  /** Those that are not over. */
  open(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  /** Asks for a look within moments; what else happens by then is looked at with it. */
  lookSoon(): void {
    if (!this.#isRunning || this.#isAsked) return;
    this.#isAsked = true;
    this.#cancelLook();
    this.#cancelLook = this.#modules.clock.after(this.#options.gatherMs, () => this.#look());
  }

  /** The maintenance that holds for a device of the file now; null: none. */
  maintenance(name: string): MaintenanceNow | null {
    const { ports, clock, maintenances } = this.#modules;
    const device = ports.fleet().devices.find((one) => one.name === name);
    return device === undefined
      ? null
      : maintenanceOf(device, { maintenances, quiet: this.#quiet }, clock.now());
  }

  /**
   * A person looks after open alerts; who was told of them hears of that.
   * Answers them as they are then; one that is over by now is left out.
   * @throws StorageError
   */
  acknowledge(
    ids: readonly string[],
    { actor, comment }: { actor: string; comment: string | null },
    options: AbortOptions = {},
  ): Promise<Alert[]> {
    return this.#inTurn(async () => {
      options.signal?.throwIfAborted();
      const now = this.#modules.clock.now();
      const outcomes = this.open()
        .filter(({ id }) => ids.includes(id))
        .map((alert): Outcome => {
          const taken: Alert = {
            ...alert,
            state: 'acknowledged',
            acknowledgedAt: now,
            acknowledgedBy: actor,
            comment,
          };
          const isTold = alert.toldAt !== null && alert.silenced === null;
          return {
            alert: taken,
            change: { at: now, change: 'acknowledged', actor, detail: comment },
            tell: isTold ? { to: alert.toldTo, message: acknowledgedMessage(taken) } : null,
          };
        });
      await this.#commit(outcomes);
      return outcomes.map(({ alert }) => alert);
    });
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #look(): void {
    this.#isAsked = false;
    const { clock, logger } = this.#modules;
    void this.#inTurn(() => this.#lookOnce())
      .catch((error: unknown) => {
        if (!this.#isFailing)
          logger.error({ error: messageOf(error) }, 'Alerts could not be kept up to date');
        this.#isFailing = true;
        return null;
      })
      .then((dueInMs) => {
        if (!this.#isRunning || this.#isAsked) return;
        const { lookMs, gatherMs } = this.#options;
        const inMs = Math.max(gatherMs, Math.min(lookMs, dueInMs ?? lookMs));
        this.#cancelLook = clock.after(inMs, () => this.#look());
      });
  }

  /** Answers in how many milliseconds a watching period ends; null: none runs. */
  async #lookOnce(): Promise<number | null> {
    if (!this.#isRunning) return null;
    const { ports, clock, newId, logger } = this.#modules;
    const now = clock.now();
    const { signal } = this.#stopping;
    // Without its log roomd still sees what is wrong now, its database above all.
    await this.#tail.follow(now, { signal }).catch(() => undefined);
    await this.#stillness.follow(roomsOf(ports), now, { signal }).catch(() => undefined);
    const facts = gather(this.#sources(), now);
    const judged = judge(alertsOf(ports.fleet()), facts, { open: new Set(this.#alerts.keys()) });
    const quiet = new Map(facts.devices.map(({ name, maintenance }) => [name, maintenance]));
    const { decisions, periods, dueInMs } = decide({
      judged,
      alerts: this.open(),
      periods: this.#periods,
      silencedBy: ({ devices }) => silencedBy(devices, quiet),
      elapsed: clock.monotonic(),
    });
    const outcomes = outcomesOf(decisions, this.#alerts, { now, newId });
    try {
      await this.#commit(outcomes);
    } catch (error) {
      this.#tellPast(outcomes);
      throw error;
    }
    this.#periods = periods;
    if (this.#isFailing) logger.info({}, 'Alerts are kept up to date again');
    this.#isFailing = false;
    return dueInMs;
  }

  #sources(): Sources {
    const { ports, maintenances } = this.#modules;
    return {
      ports,
      maintenances,
      quiet: this.#quiet,
      book: this.#book,
      tail: this.#tail,
      probe: this.#probe,
      stillness: this.#stillness,
    };
  }

  async #commit(news: readonly Outcome[]): Promise<void> {
    const outcomes = [...this.#unsaved, ...news];
    if (outcomes.length === 0) return;
    const { ports } = this.#modules;
    const notifiers = new Set(ports.notifiers().map(({ name }) => name));
    await this.#store.write(
      statementsOf(outcomes, {
        store: this.#store,
        notifiers,
        enqueue: (name, message) => ports.enqueue(name, message),
      }),
    );
    this.#unsaved = [];
    for (const { alert } of outcomes) {
      if (alert.state === 'resolved') this.#alerts.delete(slotOf(alert));
      else this.#alerts.set(slotOf(alert), alert);
    }
    if (outcomes.some(({ tell }) => tell !== null)) ports.wake();
  }

  /** The outbox lies in the very database that is in trouble: of that people are told directly, and it is recorded later. */
  #tellPast(outcomes: readonly Outcome[]): void {
    for (const { alert, change, tell } of outcomes) {
      if (alert.rule !== 'database-trouble' || this.#alerts.has(slotOf(alert)) || tell === null) continue;
      this.#alerts.set(slotOf(alert), alert);
      this.#unsaved = [...this.#unsaved, { alert, change, tell: null }];
      this.#direct.tell(tell.to, tell.message, alert.id);
    }
  }
}
