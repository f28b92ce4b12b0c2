import type { AlertNote } from '../notify/notifier.ts';
import type { Finding, Severity } from './rule.ts';

/** An alert as it is on record. Times are UTC milliseconds. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly key: string;
  readonly deviceId: number | null;
  readonly about: string;
  readonly devices: readonly string[];
  readonly severity: Severity;
  readonly state: 'open' | 'acknowledged' | 'resolved';
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  /** The title once it is over. */
  readonly cleared: string;
  readonly openedAt: number;
  /** When people were told; null while it is silenced and nobody was. */
  readonly toldAt: number | null;
  /** The notifiers that were told, who hear of its end, too. */
  readonly toldTo: readonly string[];
  /** Why nobody is told now. */
  readonly silenced: string | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly comment: string | null;
  readonly resolvedAt: number | null;
  readonly resolution: string | null;
  /** Its own id, or that of the alert in whose thread it is told. */
  readonly conversation: string;
}

/** One step in the life of an alert. */
export interface AlertChange {
  readonly at: number;
  readonly change: 'opened' | 'told' | 'silenced' | 'unsilenced' | 'changed' | 'acknowledged' | 'resolved';
  /** `roomd`, or who did it: `cli:anna`. */
  readonly actor: string;
  readonly detail: string | null;
}

/** One alert of a rule and key is open at most. */
export function slotOf({ rule, key }: { readonly rule: string; readonly key: string }): string {
  return `${rule} ${key}`;
}

/** What of a finding stands in an alert. */
export function wordsOf({ key, deviceId, about, devices, title, detail, remedy, cleared }: Finding) {
  return { key, deviceId, about, devices, title, detail, remedy, cleared };
}

export function noteOf(alert: Alert): AlertNote {
  const { id, rule, key, severity, state, about, devices, detail, remedy } = alert;
  const { openedAt, resolvedAt, acknowledgedBy, comment } = alert;
  return {
    id,
    rule,
    key,
    severity,
    state,
    about,
    devices: [...devices],
    title: state === 'resolved' ? alert.cleared : alert.title,
    detail,
    remedy,
    openedAt,
    resolvedAt,
    acknowledgedBy,
    comment,
  };
}
