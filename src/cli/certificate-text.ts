import type { ShownCertificate, ShownLook } from '../actions/trust.ts';
import { type Terminal, table } from './terminal.ts';

type CertificateLook = NonNullable<ShownLook['certificate']>;

/** The certificate on record and the one shown now, one under the other: a fingerprint fills a line. */
export function certificateLookLines(
  name: string,
  { recorded, shown, isSame, tls, reason }: CertificateLook,
  terminal: Terminal,
): string[] {
  const { style } = terminal;
  const [before, now] = [recorded, shown].map((one) => (one === null ? [] : certificateLines(one, terminal)));
  if (shown === null)
    return [
      `${name} shows no certificate: ${reason ?? 'it does not say why'}`,
      ...onRecord(before, terminal),
    ];
  if (isSame) return [style('green', `${name} shows the certificate that is on record:`), ...(now ?? [])];
  return [
    ...(recorded === null && tls === 'pin' ? [`No certificate of ${name} is on record yet.`] : []),
    ...onRecord(before, terminal),
    style('yellow', 'Shown now:'),
    ...(now ?? []),
  ];
}

function onRecord(lines: readonly string[] | undefined, { style }: Terminal): string[] {
  return lines === undefined || lines.length === 0 ? [] : [style('bold', 'On record:'), ...lines];
}

function certificateLines(
  { fingerprint256, subject, issuer, validFrom, validTo, key }: ShownCertificate,
  { columns }: Terminal,
): string[] {
  const unseen = 'not on record';
  const isOwn = subject !== null && subject === issuer;
  return table(
    [
      ['  SHA-256', fingerprint256],
      ['  subject', subject ?? unseen],
      ['  issuer', isOwn ? `${issuer} (signed by itself)` : (issuer ?? unseen)],
      ['  valid', validFrom === null ? unseen : `${day(validFrom)} to ${day(validTo)}`],
      ['  key', key ?? unseen],
    ],
    Math.max(columns, FINGERPRINT_LINE),
  );
}

/** A fingerprint that is cut at the edge of the screen cannot be compared. */
const FINGERPRINT_LINE = 120;

function day(at: string | null): string {
  return at?.slice(0, 10) ?? 'nobody knows when';
}
