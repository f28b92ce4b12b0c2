import type { ColumnType, Generated } from 'kysely';

/** One row per device ever named in the file; `id` never changes, `name` follows the file. */
export interface DeviceTable {
  id: Generated<number>;
  name: string;
  host: string;
  /** Bound on first contact; null before. */
  serial: string | null;
  /** SHA-256 of the certificate met on first contact under `tls: pin`. */
  fingerprint256: string | null;
  /** `CertificateFacts` of the trusted certificate that it showed last, whatever `tls:` says; null before that. */
  certificate_json: string | null;
  product: string | null;
  software: string | null;
  first_seen_at: number | null;
  last_seen_at: number | null;
  /** Null while the file names it. */
  removed_at: number | null;
  /** Since when machines leave it alone because a person retired it; null while it is in service. */
  retired_at: number | null;
  /** Who did. */
  retired_by: string | null;
  created_at: ColumnType<number, number, never>;
}

/** What is known of a secret, at one device or in the whole fleet; the key names both and holds only a keyed fingerprint of the secret. */
export interface LoginGateTable {
  key: string;
  state: 'open' | 'trying' | 'accepted' | 'refused';
  attempts: number;
  reason: string | null;
  at: number;
}

/** xmlapi sessions that roomd opened and has not ended. */
export interface WebSessionTable {
  cookie: string;
  device_id: number;
  opened_at: number;
}

/** The secret part of a device's webhook URL. */
export interface SlotTokenTable {
  device_id: number;
  token: string;
  created_at: number;
  /** The one before, accepted still; null otherwise. */
  old_token: string | null;
  /** When the device was first seen to use `token`, where it replaced another. */
  proven_at: number | null;
}

/** What one product accepts on one software version, by who said it. */
export interface ProductSchemaTable {
  /** `device`: read from a device of that kind; `vendor`: from a schema file that somebody imported. */
  source: 'device' | 'vendor';
  /** The device's own ProductId text, or the vendor's code name. */
  product: string;
  software: string;
  /** The device or the file that it came from. */
  origin: string;
  /** How many settings it holds. */
  settings: number;
  /** SHA-256 (hex) of `content`: variants of a product that accept the same have the same. */
  digest: string;
  /** As `packSettings` in schema makes it. */
  content: Uint8Array;
  at: number;
}
