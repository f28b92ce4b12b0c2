import { type Expression, parseExpression } from '../xapi/expression.ts';
import { isCovered } from './channel.ts';
import { MacroLogFilter } from './macro-log.ts';
import { LATE_MS } from './presence.ts';
import { newTrack, type Track } from './track.ts';
import type { UnconfirmedNews } from './unconfirmed.ts';

/** What the recorder keeps of a device that it listens to. Times are UTC milliseconds. */
export class Watched {
  readonly deviceId: number;
  /** What the session told and a post is to bring. */
  readonly unconfirmed: UnconfirmedNews;
  readonly log: MacroLogFilter;
  track: Track;
  unsubscribe: () => void = () => undefined;
  #expressions: readonly Expression[] = [];
  #carried: readonly Expression[] = [];
  /** Time of the latest event, so that a device's events never go back in time. */
  #stampedAt: number;

  constructor(
    {
      deviceId,
      password,
      recordedAt,
      now,
    }: {
      readonly deviceId: number;
      readonly password: string;
      /** When its latest event was recorded; 0 where none was. */
      readonly recordedAt: number;
      readonly now: number;
    },
    { unconfirmed }: { unconfirmed: UnconfirmedNews },
  ) {
    this.deviceId = deviceId;
    this.unconfirmed = unconfirmed;
    this.log = new MacroLogFilter(password);
    this.track = newTrack(now);
    this.#stampedAt = recordedAt;
  }

  /** Those that a healthy slot carries. */
  get carried(): readonly Expression[] {
    return this.#carried;
  }

  /** Whether the device tells of its calls as they come; a reading alone would be old within a minute. */
  get tellsCalls(): boolean {
    return isCovered(this.#expressions, 'Status', 'Call.Status');
  }

  /** Takes the expressions of its slot, which carries them all until a look says otherwise. */
  expect(expressions: readonly string[]): void {
    this.#expressions = expressions.map(parseExpression);
    this.#carried = this.#expressions;
  }

  /**
   * Takes what the slots that are well carry; all of its expressions where it is left out.
   * @returns whether that is another thing than before
   */
  carry(carried: readonly string[] | undefined): boolean {
    const before = this.#carried;
    this.#carried = carried === undefined ? this.#expressions : carried.map(parseExpression);
    return !isSame(before, this.#carried);
  }

  /** The time of what is heard now: a clock that is set back a little must not let a device's events change places. */
  stamp(now: number): number {
    const isSetBack = now < this.#stampedAt && this.#stampedAt - now <= LATE_MS;
    this.#stampedAt = isSetBack ? this.#stampedAt : now;
    return this.#stampedAt;
  }
}

function isSame(one: readonly Expression[], other: readonly Expression[]): boolean {
  return one.length === other.length && one.every(({ text }, at) => text === other[at]?.text);
}
