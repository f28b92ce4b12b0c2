import type { FilesSnapshot } from '../fleet/file/fleet-files.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { formatProblem, type Problem } from '../fleet/problem.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { identityKey, setFact } from '../storage/facts.ts';
import type { Device } from '../xapi/device.ts';
import type { Engine } from './engine.ts';
import { type FleetSource, loadDaemonFleet, watchedOf } from './fleet-keeper.ts';
import type { InForce } from './in-force.ts';
import { LAST_GOOD_FLEET } from './last-good-fleet.ts';
import type { Running } from './running.ts';

/** A good file that could not be taken over, on a full disk for one, is tried again. */
const RETRY_MS = 10_000;

/**
 * Makes the running parts follow the fleet in force: at the start, and again
 * with every good change of the file. Starts once the recorder does, before
 * anything is heard from devices.
 */
export class FleetFollower implements Part {
  readonly name = 'fleet';
  readonly #source: FleetSource;
  /** Whatever else is read from the disk is read again. */
  readonly #onRead: () => Promise<void>;
  readonly #engine: Engine;
  readonly #running: Running;
  readonly #inForce: InForce;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listening = new Map<string, { device: Device; stop: () => void }>();
  #reloading: Promise<unknown> = Promise.resolve();
  #cancelRetry: () => void = () => undefined;
  #cancelChange: () => void = () => undefined;
  #isStopped = false;

  constructor(
    { source, onRead }: { source: FleetSource; onRead: () => Promise<void> },
    parts: { engine: Engine; running: Running; inForce: InForce; clock: Clock; logger: Logger },
  ) {
    this.#source = source;
    this.#onRead = onRead;
    this.#engine = parts.engine;
    this.#running = parts.running;
    this.#inForce = parts.inForce;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  async start(): Promise<void> {
    this.#engine.devices.onMade((desired, device) => this.#listen(desired, device));
    this.#running.live.onChange((deviceId) => this.#onLive(deviceId));
    this.#running.inventory.desk.onChanged(() => this.reloadByItself());
    await this.#follow(this.#engine.fleet);
    await this.#remember();
  }

  /** Waits for a reload under way; none begins afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry();
    this.#cancelChange();
    await this.#reloading.catch(() => undefined);
    for (const { stop } of this.#listening.values()) stop();
    this.#listening.clear();
  }

  /** Reads the file again, one time after another. A broken one leaves the last good one in force and says so loudly. */
  reload(): Promise<readonly Problem[]> {
    const next = this.#reloading.then(
      () => this.#reloadOnce(),
      () => this.#reloadOnce(),
    );
    this.#reloading = next;
    return next;
  }

  /** For a saved file or a signal, where nobody waits for the answer: what goes wrong is logged and tried again. */
  reloadByItself(): void {
    this.#cancelRetry();
    this.reload().catch((error: unknown) => {
      this.#logger.error({ error: messageOf(error) }, 'The fleet file could not be taken over');
      if (!this.#isStopped) this.#cancelRetry = this.#clock.after(RETRY_MS, () => this.reloadByItself());
    });
  }

  async #reloadOnce(): Promise<readonly Problem[]> {
    const { standing } = this.#inForce;
    if (this.#isStopped) return standing.problems;
    const loaded = await loadDaemonFleet(this.#source, {
      now: this.#clock.now(),
      fingerprintKey: this.#engine.fingerprintKey,
    });
    const { fleet, problems, snapshot } = loaded;
    if (fleet === null) {
      await this.#onRead();
      this.#inForce.replace({ ...standing, problems, watched: watchedOf(loaded) });
      this.#logger.error(
        { problems: problems.map(formatProblem) },
        'The fleet file is broken: the last good one stays in force',
      );
      return problems;
    }
    await this.#takeOver(fleet, snapshot);
    await this.#onRead();
    return problems;
  }

  async #takeOver(fleet: Fleet, snapshot: FilesSnapshot): Promise<void> {
    const { reconciler, recorder, bookings, outbox, notifiers, rotations } = this.#running;
    const moved = restartOnly(this.#engine.fleet, fleet);
    if (moved.length > 0)
      this.#logger.warn({ settings: moved }, 'These settings take effect at the next start of the daemon');
    const { devices } = this.#engine;
    const before = devices.all();
    for (const name of await devices.adopt(fleet)) {
      reconciler.forget(name);
      this.#listening.get(name)?.stop();
      this.#listening.delete(name);
    }
    for (const { address } of before) {
      if (devices.byId(address.id) !== null) continue;
      recorder.unwatch(address.id);
      this.#engine.live?.forget(address.id);
      bookings.unfollow(address.id);
    }
    this.#inForce.replace({ fleet, snapshot, watched: watchedOf(fleet), problems: [], safeMode: false });
    await this.#follow(fleet);
    await outbox.replaceNotifiers(notifiers.adopt(fleet));
    await notifiers.closeRetired();
    await this.#remember();
    for (const { name } of fleet.devices) reconciler.look(name);
    rotations.look();
    this.#logger.info(
      { devices: fleet.devices.length, fingerprint: fleet.fingerprint },
      'The fleet file was taken over',
    );
  }

  /** Hands a fleet to the parts that follow it. */
  async #follow(fleet: Fleet): Promise<void> {
    const { slots, recorder, macros, alerts, chat, mqtt, access } = this.#running;
    recorder.allow({ ...fleet.privacy, key: await identityKey(this.#engine.database) });
    await slots.adopt(fleet, { recorder });
    macros.reload(fleet);
    await chat.reload(fleet);
    mqtt.reload(fleet);
    alerts.reload();
    await access.changed();
    this.#expectChange(fleet);
    for (const { desired, device } of this.#engine.devices.targets(fleet.devices))
      this.#listen(desired, device);
  }

  /** An override that ends changes the fleet by time alone. */
  #expectChange({ nextChangeAt }: Fleet): void {
    this.#cancelChange();
    if (nextChangeAt === null) return;
    const inMs = nextChangeAt - this.#clock.now();
    this.#cancelChange = this.#clock.after(inMs, () => this.reloadByItself(), { unref: true });
  }

  /** Once per device object: the recorder takes its facts, the reconciler its hints that something changed. */
  #listen(desired: DesiredDevice, device: Device): void {
    const { recorder, reconciler, bookings, alerts } = this.#running;
    recorder.watch(device, desired.feedback.expressions);
    bookings.follow(device);
    alerts.listen(device);
    const before = this.#listening.get(desired.name);
    if (before?.device === device) return;
    before?.stop();
    const stop = device.subscribe((news) => {
      const isChange = news.type === 'delta' && news.delta.tree === 'Configuration';
      if (news.type === 'snapshot' || isChange) reconciler.look(desired.name);
    });
    this.#listening.set(desired.name, { device, stop });
  }

  /** A room that falls free may be what a put-off write waits for. */
  #onLive(deviceId: number): void {
    const { reconciler } = this.#running;
    const name = this.#engine.devices.byId(deviceId)?.address.name;
    if (name !== undefined && reconciler.condition(name).waiting !== null) reconciler.look(name);
  }

  /** What a start can fall back on when the file is broken by then. */
  async #remember(): Promise<void> {
    const { safeMode, snapshot } = this.#inForce.standing;
    if (!safeMode) await setFact(this.#engine.database, LAST_GOOD_FLEET, JSON.stringify(snapshot));
  }
}

/** The receiver is made at the start, where there is a public URL; another URL is no matter. */
function hasReceiver({ daemon }: Fleet): boolean {
  return daemon.feedback.publicUrl !== null;
}

/** Settings that a running daemon cannot change under its parts. */
function restartOnly(before: Fleet, after: Fleet): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['daemon.listen', before.daemon.listen, after.daemon.listen],
    ['daemon.tls', before.daemon.tls !== null, after.daemon.tls !== null],
    ['daemon.trustProxy', before.daemon.trustProxy, after.daemon.trustProxy],
    ['daemon.feedback.listen', before.daemon.feedback.listen, after.daemon.feedback.listen],
    [
      'daemon.feedback.postsPerSecond',
      before.daemon.feedback.postsPerSecond,
      after.daemon.feedback.postsPerSecond,
    ],
    ['daemon.feedback.tls', before.daemon.feedback.tls, after.daemon.feedback.tls],
    ['daemon.feedback.publicUrl', hasReceiver(before), hasReceiver(after)],
    ['daemon.database', before.daemon.databaseFile, after.daemon.databaseFile],
    ['daemon.timing', before.daemon.timing, after.daemon.timing],
  ];
  return pairs
    .filter(([, one, other]) => JSON.stringify(one) !== JSON.stringify(other))
    .map(([name]) => name);
}
