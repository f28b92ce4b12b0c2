import type { DesiredDevice } from '../../fleet/fleet.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { CertificateFacts } from '../../lib/peer-certificate.ts';
import type { Device } from '../../xapi/device.ts';
import type { RawLink } from '../../xapi/raw-link.ts';

/** What was found, in a sentence; `remedy` says how to mend it, or what would help. */
export interface Verdict {
  readonly verdict: 'ok' | 'wrong' | 'skipped';
  readonly found: string;
  readonly remedy: string | null;
}

export interface Finding extends Verdict {
  readonly check: string;
}

/** A device as a doctor reaches it, from the process that keeps it where a daemon runs. */
export interface Patient {
  readonly desired: DesiredDevice;
  /** Asked over HTTPS or its session, as by everything else of roomd. */
  readonly device: Device;
  readonly link: RawLink;
  readonly recorded: {
    readonly certificate: Pick<CertificateFacts, 'fingerprint256'> | null;
    readonly serial: string | null;
  };
  readonly now: () => number;
  readonly monotonic: () => number;
  /** The addresses of a name. @throws where it has none */
  readonly resolve: (
    host: string,
  ) => Promise<readonly { readonly address: string; readonly family: number }[]>;
  /** A TCP connection, ended at once. @throws */
  readonly knock: (
    target: { readonly host: string; readonly port: number },
    options: AbortOptions,
  ) => Promise<void>;
  readonly showCertificate: (options: AbortOptions) => Promise<CertificateFacts>;
  /** How roomd hears its posts. */
  readonly webhook: Webhook;
}

export interface Webhook {
  /** A daemon runs, and with it the receiver. */
  readonly isListening: boolean;
  readonly mode: 'observe' | 'enforce';
  /** The file gives the address under which devices reach the receiver. */
  readonly isAsked: boolean;
  /** The URL that our slot there should have; null where it is not asked for, or the daemon has not made one yet. */
  readonly url: string | null;
  /** When the last post of the device was stored, UTC milliseconds; null where none is on record. */
  lastPostAt(): Promise<number | null>;
  /** Why posts are not relied on, as far as the daemon has seen; null where nothing is known against them. */
  readonly doubt: string | null;
}

/** One thing that a person would try: looking takes time and may fail, judging is pure. */
export interface Check<Seen = unknown> {
  readonly name: string;
  /** Checks without whose success this one says nothing. */
  readonly needs: readonly string[];
  look(patient: Patient, options: AbortOptions): Promise<Seen>;
  judge(seen: Seen, patient: Patient): Verdict;
  /** What a failure to look means. */
  failed(error: Error, patient: Patient): Verdict;
}

/** Keeps the type of what is seen within a check, so that checks of any kind make one list. */
export function check<Seen>(one: Check<Seen>): Check {
  return {
    ...one,
    // `look` of the same check made it.
    judge: (seen, patient) => one.judge(seen as Seen, patient),
  };
}

/** Tries them in order; what rests on one that is not well is not tried. */
export async function examine(
  checks: readonly Check[],
  patient: Patient,
  { signal, onFinding }: AbortOptions & { readonly onFinding?: (finding: Finding) => void } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const unwell = new Set<string>();
  for (const one of checks) {
    signal?.throwIfAborted();
    const missing = one.needs.find((need) => unwell.has(need));
    const verdict =
      missing === undefined
        ? await tried(one, patient, { signal })
        : skipped(`not tried, because "${missing}" comes first`);
    if (verdict.verdict === 'wrong' || missing !== undefined) unwell.add(one.name);
    const finding = { check: one.name, ...verdict };
    findings.push(finding);
    onFinding?.(finding);
  }
  return findings;
}

async function tried(one: Check, patient: Patient, options: AbortOptions): Promise<Verdict> {
  let seen: unknown;
  try {
    seen = await one.look(patient, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    return one.failed(error instanceof Error ? error : new Error(String(error)), patient);
  }
  return one.judge(seen, patient);
}

export function ok(found: string, advice: string | null = null): Verdict {
  return { verdict: 'ok', found, remedy: advice };
}

export function wrong(found: string, remedy: string): Verdict {
  return { verdict: 'wrong', found, remedy };
}

export function skipped(found: string, advice: string | null = null): Verdict {
  return { verdict: 'skipped', found, remedy: advice };
}
