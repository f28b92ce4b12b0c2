/** Something that a person should look at. Of one rule and key at most one row is not resolved. */
export interface AlertTable {
  id: string;
  rule: string;
  /** What it is about, within the rule. */
  key: string;
  /** Null where it is about no single device. */
  device_id: number | null;
  /** The same in words: a device's name, `site oslo`, `roomd`. */
  about: string;
  /** Names of the devices concerned. */
  devices_json: string;
  severity: 'info' | 'warning' | 'critical';
  state: 'open' | 'acknowledged' | 'resolved';
  title: string;
  detail: string;
  remedy: string;
  /** The title once it is over. */
  cleared: string;
  opened_at: number;
  /** When people were told; null while it is silenced and nobody was. */
  told_at: number | null;
  /** The notifiers that were told, who hear of its end, too. */
  told_to_json: string;
  /** Why nobody is told now. */
  silenced: string | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  comment: string | null;
  resolved_at: number | null;
  /** Why it counts as over. */
  resolution: string | null;
  /** Its own id, or that of the alert in whose thread it is told. */
  conversation: string;
}

/** The life of an alert, step by step. */
export interface AlertChangeTable {
  alert_id: string;
  at: number;
  change: 'opened' | 'told' | 'silenced' | 'unsilenced' | 'changed' | 'acknowledged' | 'resolved';
  actor: string;
  detail: string | null;
}

/** A time in which the alerts of some devices are recorded and not sent. */
export interface MaintenanceTable {
  id: string;
  selector: string;
  reason: string;
  actor: string;
  from_at: number;
  until_at: number;
  /** Null unless a person ended it before its time. */
  ended_at: number | null;
  ended_by: string | null;
}
