import type { DeviceCore } from './device-core.ts';
import type { Token } from './node-path.ts';

/**
 * People in the room and what the device's sensors make of them (facts section
 * 4): presence comes quickly and goes slowly; the count is -1 whenever the
 * device does not count.
 */
export class Presence {
  readonly #core: DeviceCore;
  readonly #isInCall: () => boolean;
  #people = 0;
  #seen: 'Yes' | 'No' = 'No';
  #turn: { to: 'Yes' | 'No'; callOff: () => void } | null = null;

  constructor(core: DeviceCore, isInCall: () => boolean) {
    this.#core = core;
    this.#isInCall = isInCall;
    this.show();
    core.listen((news) => {
      if (news.kind === 'ghost' || (news.kind === 'leaf' && isOfInterest(news.tree, news.leaf.path.keys)))
        this.show();
    });
  }

  get people(): number {
    return this.#people;
  }

  /** So many people are in the room from now on. */
  set(count: number): void {
    this.#people = count;
    const to = count > 0 ? 'Yes' : 'No';
    if (this.#turn !== null && this.#turn.to !== to) {
      this.#turn.callOff();
      this.#turn = null;
    }
    if (this.#seen !== to && this.#turn === null) this.#turnTo(to);
    if (count > 0 && this.#core.configuration.get('Standby.WakeupOnMotionDetection') === 'On') this.#wake();
    this.show();
  }

  /** After a reboot the detector starts from nothing and sees who is there. */
  reset(): void {
    this.#seen = 'No';
    this.#turn?.callOff();
    this.#turn = null;
    this.set(this.#people);
  }

  /** Brings the status up to what the sensors see now. */
  show(): void {
    const core = this.#core;
    const detects = core.configuration.get('RoomAnalytics.PeoplePresenceDetector') !== 'Off';
    const presence = detects ? this.#seen : 'Unknown';
    core.setStatus('RoomAnalytics.PeoplePresence', presence);
    core.setStatus('RoomAnalytics.PeopleCount.Current', this.#counts() ? this.#people : -1);
    core.setOfferedStatus(
      'RoomAnalytics.RoomInUse',
      presence === 'Yes' || this.#isInCall() ? 'True' : 'False',
    );
    core.setOfferedStatus('RoomAnalytics.Engagement.CloseProximity', presence === 'Yes' ? 'True' : 'False');
  }

  #counts(): boolean {
    const isAwake = (this.#core.status.get('Standby.State') ?? 'Off') === 'Off';
    const outOfCall = this.#core.configuration.get('RoomAnalytics.PeopleCountOutOfCall') === 'On';
    return isAwake && (outOfCall || this.#isInCall());
  }

  #turnTo(to: 'Yes' | 'No'): void {
    const { presenceYesMs, presenceNoMs } = this.#core.settings;
    const callOff = this.#core.after(to === 'Yes' ? presenceYesMs : presenceNoMs, () => {
      this.#turn = null;
      this.#seen = to;
      this.show();
    });
    this.#turn = { to, callOff };
  }

  #wake(): void {
    if (this.#core.status.get('Standby.State') !== 'Off') this.#core.setStatus('Standby.State', 'Off');
  }
}

function isOfInterest(tree: 'Status' | 'Configuration', keys: readonly Token[]): boolean {
  return tree === 'Status' ? keys[0] === 'standby' || keys[0] === 'call' : keys[0] === 'roomanalytics';
}
