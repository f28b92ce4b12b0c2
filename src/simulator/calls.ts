import { type DeviceCore, deviceTime } from './device-core.ts';
import type { MediaMutes } from './media-mutes.ts';

/** A call as the device holds it; `id` is both the item and the CallId. */
export interface SimulatedCall {
  readonly id: number;
  readonly number: string;
  readonly displayName: string;
  readonly direction: 'Outgoing' | 'Incoming';
  readonly protocol: string;
  readonly callType: string;
  readonly startedAt: number;
  status: 'Dialling' | 'Connecting' | 'Ringing' | 'Connected' | 'Disconnecting' | 'Idle';
  connectedAt: number | null;
}

export interface CallRecord {
  readonly id: number;
  readonly number: string;
  readonly displayName: string;
  readonly occurrence: 'Placed' | 'Received' | 'Missed' | 'NoAnswer' | 'Rejected';
  readonly direction: 'Outgoing' | 'Incoming';
  readonly startTime: string;
  readonly endTime: string;
  readonly durationSeconds: number;
}

export interface DialRequest {
  readonly number: string;
  readonly displayName?: string;
  readonly protocol?: string;
  readonly callType?: string;
}

interface Cause {
  readonly type: string;
  readonly text: string;
  readonly origin: 'Internal' | 'SIP';
}

const HUNG_UP_HERE: Cause = { type: 'LocalDisconnect', text: '', origin: 'Internal' };
const HUNG_UP_THERE: Cause = { type: 'RemoteDisconnect', text: '', origin: 'SIP' };
const BUSY: Cause = { type: 'RemoteBusy', text: 'Busy Here', origin: 'SIP' };
const REFUSED: Cause = { type: 'NetworkRejected', text: 'Service Unavailable', origin: 'SIP' };
const NO_ANSWER: Cause = { type: 'NoAnswer', text: 'Request Timeout', origin: 'Internal' };

/** SIP's own. */
const CAUSE_CODES: Readonly<Record<string, number>> = { RemoteBusy: 486, NetworkRejected: 503 };

const CALL_RATE = 6_000;
const HISTORY_LENGTH = 100;

/** Calls as a state machine, in the order in which real devices post them (HL). */
export class Calls {
  readonly #core: DeviceCore;
  readonly #mutes: MediaMutes;
  readonly #calls = new Map<number, SimulatedCall>();
  readonly #timers = new Map<number, () => void>();
  readonly history: CallRecord[] = [];
  #lastId: number;
  #historyId = 0;

  constructor(core: DeviceCore, mutes: MediaMutes) {
    this.#core = core;
    this.#mutes = mutes;
    this.#lastId = Math.floor(core.random() * 60);
  }

  list(): SimulatedCall[] {
    return [...this.#calls.values()];
  }

  /** The call a command means: the one named, or with 0 the one that is active. */
  find(id: number): SimulatedCall | null {
    return (id === 0 ? this.list().at(-1) : this.#calls.get(id)) ?? null;
  }

  dial(request: DialRequest): SimulatedCall {
    const call = this.#open({ ...request, direction: 'Outgoing' }, 'Dialling');
    this.#core.event('OutgoingCallIndication', { CallId: call.id });
    this.#step(call, this.#core.settings.dialStepMs, () => {
      this.#setStatus(call, 'Connecting');
      this.#farEnd(call);
    });
    return call;
  }

  /** Someone calls this device. */
  ring(request: DialRequest): SimulatedCall {
    const call = this.#open({ ...request, direction: 'Incoming' }, 'Ringing');
    this.#core.event('IncomingCallIndication', {
      CallId: call.id,
      DisplayNameValue: call.displayName,
      RemoteURI: remoteUri(call),
    });
    this.#step(call, this.#core.settings.ringMs, () => this.#close(call, NO_ANSWER));
    return call;
  }

  /** Answers a ringing call; false where it does not ring. */
  accept(call: SimulatedCall): boolean {
    if (call.status !== 'Ringing') return false;
    this.#core.setStatus(`Call[${call.id}].AnswerState`, 'Answered');
    this.#setStatus(call, 'Connecting');
    this.#step(call, this.#core.settings.connectMs, () => this.#connect(call));
    return true;
  }

  /** Ends a call from this side or, `far`, from the other. */
  disconnect(call: SimulatedCall, side: 'here' | 'far'): void {
    if (call.status === 'Disconnecting' || call.status === 'Idle') return;
    const cause = side === 'here' ? HUNG_UP_HERE : HUNG_UP_THERE;
    this.#setStatus(call, 'Disconnecting');
    this.#step(call, this.#core.settings.hangUpStepMs, () => {
      this.#setStatus(call, 'Idle');
      this.#close(call, cause);
    });
  }

  /** A reboot: calls are gone without a word. */
  forget(): void {
    for (const call of this.list())
      this.#core.status.remove({ text: '', tokens: [], keys: ['call', call.id] });
    this.#calls.clear();
    this.#timers.clear();
  }

  #open(
    request: DialRequest & { direction: 'Outgoing' | 'Incoming' },
    status: 'Dialling' | 'Ringing',
  ): SimulatedCall {
    this.#lastId += 2 + Math.floor(this.#core.random() * 7);
    const call: SimulatedCall = {
      id: this.#lastId,
      number: request.number,
      displayName: request.displayName ?? '',
      direction: request.direction,
      protocol: request.protocol ?? 'SIP',
      callType: request.callType === 'Audio' ? 'Audio' : 'Video',
      startedAt: this.#core.now(),
      status,
      connectedAt: null,
    };
    this.#calls.set(call.id, call);
    this.#setStatus(call, status);
    const at = `Call[${call.id}]`;
    const leaves: Record<string, string | number> = {
      AnswerState: call.direction === 'Incoming' ? 'Unanswered' : 'Answered',
      CallType: call.callType,
      CallbackNumber: remoteUri(call),
      DeviceType: 'Endpoint',
      Direction: call.direction,
      DisplayName: call.displayName === '' ? call.number : call.displayName,
      PlacedOnHold: 'False',
      Protocol: call.protocol,
      ReceiveCallRate: 0,
      RemoteNumber: call.number,
      TransmitCallRate: 0,
    };
    for (const [name, value] of Object.entries(leaves)) this.#core.setStatus(`${at}.${name}`, value);
    this.#core.status.compute(`${at}.Duration`, () => this.#durationSeconds(call));
    return call;
  }

  #farEnd(call: SimulatedCall): void {
    const { rejectingNumbers, silentNumbers, failingNumbers, connectMs, ringMs } = this.#core.settings;
    if (isAmong(rejectingNumbers, call.number)) this.#step(call, connectMs, () => this.#close(call, BUSY));
    else if (isAmong(failingNumbers, call.number))
      this.#step(call, connectMs, () => this.#close(call, REFUSED));
    else if (isAmong(silentNumbers, call.number))
      this.#step(call, ringMs, () => this.#close(call, NO_ANSWER));
    else this.#step(call, connectMs, () => this.#connect(call));
  }

  #connect(call: SimulatedCall): void {
    call.connectedAt = this.#core.monotonic();
    this.#core.setStatus(`Call[${call.id}].ReceiveCallRate`, CALL_RATE);
    this.#core.setStatus(`Call[${call.id}].TransmitCallRate`, CALL_RATE);
    this.#setStatus(call, 'Connected');
    this.#mutes.onCallConnected();
    this.#core.event('CallSuccessful', {
      CallId: call.id,
      CallRate: CALL_RATE,
      Direction: call.direction === 'Outgoing' ? 'outgoing' : 'incoming',
      EncryptionIn: 'On',
      EncryptionOut: 'On',
      Protocol: call.protocol.toLowerCase(),
      RemoteURI: remoteUri(call),
    });
  }

  #close(call: SimulatedCall, cause: Cause): void {
    this.#calls.delete(call.id);
    this.#timers.delete(call.id);
    this.#record(call, cause);
    this.#core.removeStatus(`Call[${call.id}]`);
    this.#countCalls();
    if (this.#calls.size === 0) this.#mutes.onLastCallEnded();
    this.#core.event('CallDisconnect', {
      CallId: call.id,
      CallRate: CALL_RATE,
      CallType: call.callType.toLowerCase(),
      CauseCode: CAUSE_CODES[cause.type] ?? 0,
      CauseOrigin: cause.origin,
      CauseString: cause.text,
      CauseType: cause.type,
      CauseValue: cause.type === 'LocalDisconnect' ? 1 : 2,
      DisplayName: call.displayName,
      Duration: this.#durationSeconds(call),
      Encryption: 'Aes-128',
      OrigCallDirection: call.direction === 'Outgoing' ? 'outgoing' : 'incoming',
      PeopleCountAverage: 0,
      Protocol: call.protocol.toUpperCase(),
      RemoteURI: remoteUri(call),
      RequestedURI: call.number,
    });
  }

  #record(call: SimulatedCall, cause: Cause): void {
    const outgoing = call.direction === 'Outgoing';
    const unanswered = outgoing ? (cause === BUSY || cause === REFUSED ? 'Rejected' : 'NoAnswer') : 'Missed';
    this.#historyId += 1;
    this.history.unshift({
      id: this.#historyId,
      number: remoteUri(call),
      displayName: call.displayName === '' ? call.number : call.displayName,
      occurrence: call.connectedAt === null ? unanswered : outgoing ? 'Placed' : 'Received',
      direction: call.direction,
      startTime: deviceTime(call.startedAt),
      endTime: deviceTime(this.#core.now()),
      durationSeconds: this.#durationSeconds(call),
    });
    this.history.length = Math.min(this.history.length, HISTORY_LENGTH);
  }

  #setStatus(call: SimulatedCall, status: SimulatedCall['status']): void {
    call.status = status;
    this.#core.setStatus(`Call[${call.id}].Status`, status);
    this.#countCalls();
  }

  #countCalls(): void {
    const active = this.list().filter(({ status }) => status === 'Connected').length;
    this.#core.setStatus('SystemUnit.State.NumberOfActiveCalls', active);
    this.#core.setStatus('SystemUnit.State.NumberOfInProgressCalls', this.#calls.size - active);
    this.#core.setOfferedStatus('SystemUnit.State.System', this.#calls.size > 0 ? 'InCall' : 'Initialized');
  }

  #durationSeconds(call: SimulatedCall): number {
    return call.connectedAt === null ? 0 : Math.floor((this.#core.monotonic() - call.connectedAt) / 1_000);
  }

  /** What the call does next; whatever it was to do before is off. */
  #step(call: SimulatedCall, delayMs: number, run: () => void): void {
    this.#timers.get(call.id)?.();
    this.#timers.set(call.id, this.#core.after(delayMs, run));
  }
}

function remoteUri(call: SimulatedCall): string {
  return `${call.protocol.toLowerCase()}:${call.number}`;
}

function isAmong(patterns: readonly string[], number: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? number.startsWith(pattern.slice(0, -1)) : number === pattern,
  );
}
