import type { DeviceCore } from './device-core.ts';

export type StandbyState = 'Off' | 'EnteringStandby' | 'Halfwake' | 'Standby';

const MINUTE_MS = 60_000;

/** Standby; "Off" is awake. With `Standby Control` On the device falls asleep by itself after `Standby Delay` minutes in which nothing happened. */
export class Standby {
  readonly #core: DeviceCore;
  readonly #isInUse: () => boolean;
  #callOffSleep: (() => void) | null = null;
  #callOffStep: (() => void) | null = null;

  constructor(core: DeviceCore, isInUse: () => boolean) {
    this.#core = core;
    this.#isInUse = isInUse;
    core.setStatus('Standby.State', 'Off');
    core.listen((news) => {
      if (news.kind === 'leaf' && news.tree === 'Configuration' && news.leaf.path.keys[0] === 'standby')
        this.resetTimer();
    });
  }

  get state(): StandbyState {
    return (this.#core.status.get('Standby.State') ?? 'Off') as StandbyState;
  }

  activate(): void {
    this.#show('EnteringStandby');
    this.#callOffStep = this.#core.after(this.#core.settings.standbyStepMs, () => this.#show('Standby'));
  }

  deactivate(): void {
    this.#show('Off');
    this.resetTimer();
  }

  halfwake(): void {
    this.#show('Halfwake');
  }

  /** Puts off falling asleep by the configured delay, or by so many minutes. */
  resetTimer(minutes = Number(this.#core.configuration.get('Standby.Delay') ?? 0)): void {
    this.#callOffSleep?.();
    this.#callOffSleep = null;
    if (this.#core.configuration.get('Standby.Control') !== 'On' || minutes <= 0) return;
    this.#callOffSleep = this.#core.after(minutes * MINUTE_MS, () => {
      if (this.#isInUse() || this.state !== 'Off') this.resetTimer();
      else this.activate();
    });
  }

  #show(state: StandbyState): void {
    this.#callOffStep?.();
    this.#callOffStep = null;
    this.#core.setStatus('Standby.State', state);
  }
}
