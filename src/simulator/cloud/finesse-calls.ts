import {
  afterPlacedCall,
  type FinesseState,
  INVALID_STATE,
  type StandInReasonCode,
  type StandInUser,
} from './finesse-state.ts';
import type { ErrorWords } from './finesse-xml.ts';

export interface Leg {
  readonly address: string;
  state: string;
  cause: string;
  readonly startedAt: number;
  changedAt: number;
}

/** A call; `legs` are those who take part in it now. */
export interface Call {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  state: string;
  callType: string;
  /** The call on hold from which this one was made. */
  readonly consultsFor: string | null;
  legs: Leg[];
  /** Tones that were sent, in order. */
  readonly tones: string[];
  isRecorded: boolean;
}

export interface CallSettings {
  readonly deployment: 'UCCE' | 'UCCX';
  /** Whether a number that is nobody's extension answers at once or rings for good. */
  readonly outsideAnswers: boolean;
}

/** Whoever calls an agent in one of these meets a busy line. */
const BUSY: ReadonlySet<string> = new Set(['TALKING', 'HOLD', 'RESERVED']);
const FIRST_CALL = 16_800_000;

/** The telephone side of the stand-in: who calls whom, and what that makes of the agents' states. */
export class FinesseCalls {
  readonly held: Call[] = [];
  readonly #state: FinesseState;
  readonly #settings: CallSettings;
  readonly #before = new Map<string, { state: string; reason: StandInReasonCode | null }>();
  #made = 0;

  constructor(state: FinesseState, settings: CallSettings) {
    this.#state = state;
    this.#settings = settings;
  }

  of(user: StandInUser): Call[] {
    return this.held.filter((call) => call.legs.some(({ address }) => address === user.extension));
  }

  call(id: string): Call | null {
    return this.held.find((call) => call.id === id) ?? null;
  }

  /** A call from an agent or from outside. To somebody who is in a call already it fails as busy. */
  place(from: string, to: string, consultsFor: string | null = null): ErrorWords | null {
    const caller = this.#state.userAt(from);
    const callee = this.#state.userAt(to);
    if (caller !== null && consultsFor === null && this.of(caller).length > 0) return INVALID_STATE;
    if (caller !== null) this.#remember(caller, afterPlacedCall(caller, this.#settings.deployment));
    this.#made += 1;
    const call: Call = {
      id: String(FIRST_CALL + this.#made),
      from,
      to,
      state: 'ALERTING',
      callType: consultsFor === null ? 'AGENT_INSIDE' : 'CONSULT',
      consultsFor,
      legs: [this.#leg(from, 'INITIATED')],
      tones: [],
      isRecorded: false,
    };
    this.held.push(call);
    if (callee !== null && (BUSY.has(callee.state) || this.of(callee).length > 0)) {
      for (const leg of call.legs) this.#set(leg, 'FAILED', 'BUSY');
      call.state = 'FAILED';
      this.#settle(caller);
      return null;
    }
    call.legs.push(this.#leg(to, 'ALERTING'));
    if (callee === null && this.#settings.outsideAnswers) this.#connect(call);
    this.#settle(caller);
    return null;
  }

  /** @returns why the action cannot be done, in the words of a notification */
  act(call: Call, address: string, action: string, detail: string): ErrorWords | null {
    const leg = call.legs.find((candidate) => candidate.address === address);
    if (leg === undefined || !this.actionsOf(call, leg).includes(action)) return INVALID_STATE;
    const users = call.legs.map((one) => this.#state.userAt(one.address));
    const refused = this.#perform(call, leg, action, detail);
    for (const user of [...users, this.#state.userAt(detail)]) this.#settle(user);
    return refused;
  }

  /** What a participant may do now. */
  actionsOf(call: Call, leg: Leg): string[] {
    const recording = this.#settings.deployment === 'UCCX' ? ['START_RECORDING'] : [];
    const joining = this.#other(call, leg.address) === null ? [] : ['TRANSFER', 'CONFERENCE'];
    switch (leg.state) {
      case 'ALERTING':
        return ['ANSWER'];
      case 'INITIATED':
        return ['UPDATE_CALL_DATA', 'DROP'];
      case 'ACTIVE':
        return [
          'HOLD',
          'DROP',
          'TRANSFER_SST',
          'CONSULT_CALL',
          'SEND_DTMF',
          'UPDATE_CALL_DATA',
          ...recording,
          ...joining,
        ];
      case 'HELD':
        return ['RETRIEVE', 'DROP', ...joining];
      default:
        return ['DROP'];
    }
  }

  #perform(call: Call, leg: Leg, action: string, detail: string): ErrorWords | null {
    switch (action) {
      case 'ANSWER':
        this.#connect(call);
        return null;
      case 'HOLD':
        this.#set(leg, 'HELD');
        return null;
      case 'RETRIEVE':
        this.#set(leg, 'ACTIVE');
        return null;
      case 'DROP':
        this.#leave(call, leg.address);
        return null;
      case 'TRANSFER_SST':
        call.legs = [...call.legs, this.#leg(detail, 'ALERTING')];
        this.#leave(call, leg.address);
        return null;
      case 'CONSULT_CALL':
        this.#set(leg, 'HELD');
        return this.place(leg.address, detail, call.id);
      case 'TRANSFER':
      case 'CONFERENCE':
        this.#join(call, leg.address, { stays: action === 'CONFERENCE' });
        return null;
      case 'SEND_DTMF':
        call.tones.push(detail);
        return null;
      default:
        call.isRecorded = true;
        return null;
    }
  }

  /** Makes one call of the two that somebody has. Which of both remains is not in the facts: here the older. */
  #join(call: Call, address: string, { stays }: { stays: boolean }): void {
    const other = this.#other(call, address);
    if (other === null) return;
    const [kept, ended] = Number(call.id) < Number(other.id) ? [call, other] : [other, call];
    const added = ended.legs.filter((leg) => leg.address !== address);
    this.#remove(ended);
    kept.legs = [...kept.legs, ...added];
    kept.callType = stays ? 'CONFERENCE' : 'TRANSFER';
    for (const leg of kept.legs) if (leg.state === 'HELD') this.#set(leg, 'ACTIVE');
    if (!stays) this.#leave(kept, address);
  }

  #other(call: Call, address: string): Call | null {
    const others = this.held.filter((other) => other !== call && other.state !== 'FAILED');
    return others.find(({ legs }) => legs.some((leg) => leg.address === address)) ?? null;
  }

  #connect(call: Call): void {
    for (const leg of call.legs) this.#set(leg, 'ACTIVE');
    call.state = 'ACTIVE';
    for (const { address } of call.legs) {
      const user = this.#state.userAt(address);
      if (user !== null) this.#remember(user, { state: user.state, reason: user.reason });
      this.#settle(user);
    }
  }

  #leave(call: Call, address: string): void {
    call.legs = call.legs.filter((leg) => leg.address !== address);
    if (call.legs.length < 2) this.#remove(call);
  }

  #remove(call: Call): void {
    this.held.splice(this.held.indexOf(call), 1);
  }

  #remember(user: StandInUser, before: { state: string; reason: StandInReasonCode | null }): void {
    if (!this.#before.has(user.id)) this.#before.set(user.id, before);
  }

  /** An agent's state follows from the calls that it has. */
  #settle(user: StandInUser | null): void {
    if (user === null) return;
    const own = this.of(user).flatMap(({ legs }) => legs.filter(({ address }) => address === user.extension));
    const engaged = own.filter(({ state }) => state !== 'ALERTING' && state !== 'FAILED');
    const before = this.#before.get(user.id);
    if (engaged.length > 0) {
      const state = engaged.some((leg) => leg.state !== 'HELD') ? 'TALKING' : 'HOLD';
      if (user.state !== state) this.#enter(user, state);
    } else if (before !== undefined) {
      this.#before.delete(user.id);
      if (user.state === 'TALKING' || user.state === 'HOLD') this.#state.afterCall(user, before);
    }
  }

  /** What was asked for meanwhile stays pending. */
  #enter(user: StandInUser, state: string): void {
    const { pendingState } = user;
    this.#state.enter(user, state);
    user.pendingState = pendingState;
  }

  #leg(address: string, state: string): Leg {
    const now = this.#state.clock.now();
    return { address, state, cause: '', startedAt: now, changedAt: now };
  }

  #set(leg: Leg, state: string, cause = ''): void {
    leg.state = state;
    leg.cause = cause;
    leg.changedAt = this.#state.clock.now();
  }
}
