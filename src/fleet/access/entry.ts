import { createHash } from 'node:crypto';
import type { Role } from '../fleet.ts';

/** Somebody who may use the API: a token, of the fleet file or of the database, or a user. Times are UTC milliseconds. */
export interface AccessEntry {
  readonly kind: 'token' | 'user';
  readonly place: 'file' | 'database';
  readonly name: string;
  readonly role: Role;
  /** Selector of the devices that it is limited to; null: the whole fleet. */
  readonly devices: string | null;
  readonly hash: string;
  /** Null for one of the file. */
  readonly madeAt: number | null;
  readonly madeBy: string | null;
  /** Null: never. */
  readonly expiresAt: number | null;
}

/** A token as the fleet file holds it: only its scrypt hash. */
export interface FileToken {
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly devices: string | null;
}

export function entryOfFile(token: FileToken): AccessEntry {
  return { ...token, kind: 'token', place: 'file', madeAt: null, madeBy: null, expiresAt: null };
}

/** Tells an entry from what it becomes by another password, role, limit, or by being made anew: what was signed in by the one is not by the other. */
export function proofOf({ kind, place, name, role, devices, hash }: AccessEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, place, name, role, devices, hash]))
    .digest('hex');
}

export function isExpired({ expiresAt }: Pick<AccessEntry, 'expiresAt'>, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** Who may do everything everywhere. */
export function isFullAdmin(entry: AccessEntry, now: number): boolean {
  return entry.role === 'admin' && entry.devices === null && !isExpired(entry, now);
}
