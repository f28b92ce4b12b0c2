import { X509Certificate } from 'node:crypto';
import { Secret } from '../lib/secret.ts';
import type { LeafMap } from '../xapi/device.ts';
import { certificatePath } from './content-paths.ts';
import type { DesiredCertificate } from './fleet.ts';
import { membersOf } from './managed-content.ts';
import type { ResourceDiff, ResourceProblem } from './resource.ts';

const DAY_MS = 86_400_000;
export const WARN_BEFORE_DAYS = 30;

/** A certificate as a device lists it. */
export interface ListedCertificate {
  /** SHA-1 or SHA-256, lower-case hex. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly expiresAt: number | null;
  /** What the device uses it for, in its own words; empty for nothing. */
  readonly usedFor: string;
}

/** The list is called `Details` (captured for Services); whatever its name, its members have a Fingerprint. */
export function listedCertificates(result: LeafMap): ListedCertificate[] {
  return membersOf(result, 'Fingerprint').map((member) => {
    const expiresAt = Date.parse(member.get('notAfter') ?? member.get('NotAfter') ?? '');
    return {
      fingerprint: plainFingerprint(member.get('Fingerprint') ?? ''),
      subject: commonName(member.get('SubjectName') ?? ''),
      expiresAt: Number.isNaN(expiresAt) ? null : expiresAt,
      usedFor: member.get('UsedFor') ?? '',
    };
  });
}

export interface Expiring {
  /** The beginning of a sentence. */
  readonly what: string;
  /** UTC milliseconds; null where nobody knows. */
  readonly expiresAt: number | null;
  /** Under which it is a problem once it is over; null: a hint even then, because it is another's to renew. */
  readonly path: string | null;
}

/** One sentence for each certificate that has expired or does so within 30 days. */
export function judgeExpiry(
  certificates: readonly Expiring[],
  now: number,
): Pick<ResourceDiff, 'problems' | 'hints'> {
  const problems: ResourceProblem[] = [];
  const hints: string[] = [];
  for (const { what, expiresAt, path } of certificates) {
    const left = daysLeft(expiresAt, now);
    if (expiresAt === null || left === null || left > WARN_BEFORE_DAYS) continue;
    if (left > 0) {
      hints.push(`${what} expires on ${day(expiresAt)}, in ${left} ${left === 1 ? 'day' : 'days'}; renew it`);
      continue;
    }
    const message = `${what} expired on ${day(expiresAt)}; put a new one in its place`;
    if (path === null) hints.push(message);
    else problems.push({ path, message });
  }
  return { problems, hints };
}

/** Whole days until it is over, rounded up; 0 and less once it is. */
export function daysLeft(expiresAt: number | null, now: number): number | null {
  return expiresAt === null ? null : Math.ceil((expiresAt - now) / DAY_MS);
}

/** The day in UTC, as `2026-11-23`. */
export function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** `C=US\nCN=R3` (Node) and `/C=US/CN=R3` (devices) both give `CN=R3`. */
export function commonName(distinguished: string): string {
  return /(?:^|[\n/])(CN=[^\n/]+)/.exec(distinguished)?.[1] ?? distinguished.replaceAll('\n', '/');
}

/** As devices write fingerprints: lower-case hex without colons. */
export function plainFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').trim().toLowerCase();
}

/** As people know fingerprints: upper-case hex with colons. */
export function withColons(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':');
}

export type Side = DesiredCertificate['kind'];

/** A certificate of the file, read. */
export interface ReadCertificate {
  readonly certificate: DesiredCertificate;
  readonly subject: string;
  readonly fingerprint: string;
}

/** The device's own fingerprint is in it, so that what roomd put there is found again. */
export function keyOf(side: Side, fingerprint: string): string {
  return `${side} ${fingerprint}`;
}

/** Under which keys a certificate of the file may stand on a device. */
export function keysOf({ certificate: { kind, fingerprint256 }, fingerprint }: ReadCertificate): string[] {
  return [keyOf(kind, fingerprint), keyOf(kind, plainFingerprint(fingerprint256))];
}

export function readCertificates(certificates: readonly DesiredCertificate[]): {
  read: ReadCertificate[];
  problems: ResourceProblem[];
} {
  const read: ReadCertificate[] = [];
  const problems: ResourceProblem[] = [];
  for (const certificate of certificates) {
    const { kind, pem, fingerprint256 } = certificate;
    try {
      const { fingerprint, subject } = new X509Certificate(pem instanceof Secret ? pem.reveal() : pem);
      read.push({ certificate, subject: commonName(subject), fingerprint: plainFingerprint(fingerprint) });
    } catch {
      problems.push({
        path: certificatePath(kind, fingerprint256),
        message: 'the file holds no certificate',
      });
    }
  }
  return { read, problems };
}
