import type { FinesseCalls } from './finesse-calls.ts';
import type { Caller, FinesseState } from './finesse-state.ts';
import type { ErrorWords, Shown } from './finesse-xml.ts';

/** What the facts leave open, or what differs between deployments. */
export interface FinesseSettings {
  readonly deployment: 'UCCE' | 'UCCX';
  /** Between a 202 and its effect. */
  readonly effectDelayMs: number;
  /** An impossible change of state is refused with 400 and not after a 202: documented and captured, respectively. */
  readonly refusesAtOnce: boolean;
  /** Whether a number that is nobody's extension answers at once or rings for good. */
  readonly outsideAnswers: boolean;
  /** The extensions that exist; null: all. */
  readonly extensions: readonly string[] | null;
  /** Contacts that are handed out to one user at most, by version 1,500 or 6,000. */
  readonly mostContacts: number;
  /** Open in the facts: what a range behind the last contact gets. */
  readonly rangeBehindEnd: 'refused' | 'empty';
  /** Open in the facts: whether SystemInfo asks for a login. */
  readonly systemInfoNeedsLogin: boolean;
  /** Open in the facts: whether a node that is out of service still answers SystemInfo. */
  readonly systemInfoInFailover: 'answered' | 'unavailable';
  /** How long five wrong passwords lock an account. */
  readonly lockMs: number;
}

export interface FinesseAnswer {
  readonly status: number;
  readonly document: Shown | null;
}

export interface FinesseCall {
  readonly method: string;
  /** What stands behind /finesse/api, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
  readonly range: string | null;
  readonly caller: Caller;
  readonly state: FinesseState;
  readonly calls: FinesseCalls;
  readonly settings: FinesseSettings;
  readonly newId: () => string;
  /** Does something after the delay; what it returns, or was told to return, is notified as an error of this source. */
  readonly later: (source: string, run: () => ErrorWords | null) => void;
}

export const ACCEPTED: FinesseAnswer = { status: 202, document: null };
