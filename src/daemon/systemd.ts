import { spawn } from 'node:child_process';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

export interface SystemdOptions {
  readonly notifySocket: string | null;
  readonly watchdogMs: number | null;
  /** The program that tells; `systemd-notify` in the system's own folders when left out. */
  readonly program?: string;
}

/**
 * Tells systemd how the daemon does (sd_notify(3)) by way of the
 * `systemd-notify` program, because a native module would be bound to one
 * Node version; the unit allows it with NotifyAccess=all. Off systemd it does
 * nothing, and a failure is logged once and changes nothing.
 */
export class Systemd {
  readonly #options: SystemdOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #cancelWatchdog: (() => void) | null = null;
  #isStopping = false;
  #hasFailed = false;

  constructor(options: SystemdOptions, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** READY, then WATCHDOG at half the interval for as long as `isAlive` says so. */
  async ready(status: string, isAlive: () => boolean): Promise<void> {
    await this.#notify('READY=1', `STATUS=${status}`);
    const { watchdogMs } = this.#options;
    if (watchdogMs !== null && !this.#isStopping) this.#watch(watchdogMs / 2, isAlive);
  }

  async stopping(): Promise<void> {
    this.#isStopping = true;
    this.#cancelWatchdog?.();
    await this.#notify('STOPPING=1');
  }

  #watch(everyMs: number, isAlive: () => boolean): void {
    this.#cancelWatchdog = this.#clock.after(
      everyMs,
      () => {
        if (isAlive()) void this.#notify('WATCHDOG=1');
        this.#watch(everyMs, isAlive);
      },
      { unref: true },
    );
  }

  async #notify(...lines: string[]): Promise<void> {
    const { notifySocket, program = 'systemd-notify' } = this.#options;
    if (notifySocket === null) return;
    const failure = await new Promise<string | null>((resolve) => {
      const child = spawn(program, [`--pid=${process.pid}`, ...lines], {
        env: { NOTIFY_SOCKET: notifySocket, PATH: '/usr/bin:/bin' },
        stdio: 'ignore',
        timeout: 5_000,
      });
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code) => resolve(code === 0 ? null : `exit ${code}`));
    });
    if (failure === null || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#logger.warn({ failure }, 'systemd could not be told how roomd does');
  }
}
