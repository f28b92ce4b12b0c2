import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { Secret } from '../../lib/secret.ts';
import type { Device, DeviceIdentity, LeafMap, SettingAnswer } from '../../xapi/device.ts';
import {
  day,
  type Expiring,
  judgeExpiry,
  keyOf,
  keysOf,
  type ListedCertificate,
  listedCertificates,
  plainFingerprint,
  type ReadCertificate,
  readCertificates,
  type Side,
  withColons,
} from '../certificate-facts.ts';
import type { Change, Replaced } from '../change.ts';
import { certificatePath } from '../content-paths.ts';
import type { DesiredCertificate, DesiredContent, DesiredDevice } from '../fleet.ts';
import {
  type Errand,
  isUnseen,
  lookAt,
  NOTHING,
  Order,
  runErrands,
  type Unseen,
} from '../managed-content.ts';
import type { ManagedStore, ManagedThings } from '../managed-store.ts';
import type { Resource, ResourceDiff, ResourceProblem } from '../resource.ts';

export const CERTIFICATE_KIND = 'certificate';

export type ObservedCertificates = {
  readonly ca: readonly ListedCertificate[] | Unseen;
  readonly service: readonly ListedCertificate[] | Unseen;
  /** Purpose → fingerprints of the certificates that the device uses for it. */
  readonly active: ReadonlyMap<string, ReadonlySet<string>>;
  readonly things: ManagedThings;
  readonly now: number;
} | null;

interface CertificateErrand extends Errand {
  readonly side: Side;
  /** Certificate, for a service with its key; null where it is there already. */
  readonly pem: string | Secret | null;
  /** By which the device knows it. */
  readonly fingerprint: string;
  /** What it is to be activated for. */
  readonly purposes: readonly string[];
}

class CertificateOrder extends Order<CertificateErrand> {}

/**
 * Authorities that the device trusts, and its own certificates with what they
 * are used for. Adding an authority is harmless: it shows nothing, interrupts
 * nothing and only widens whom the device believes; everything else may break a
 * connection in use and waits for a free room. Expiry is watched.
 */
export class CertificateResource implements Resource<ObservedCertificates> {
  readonly kind = CERTIFICATE_KIND;
  readonly #managed: ManagedStore;
  readonly #clock: Clock;

  constructor({ managed, clock }: { managed: ManagedStore; clock: Clock }) {
    this.#managed = managed;
    this.#clock = clock;
  }

  async observe(
    device: Device,
    { content }: DesiredDevice,
    identity: DeviceIdentity,
    options: AbortOptions,
  ): Promise<ObservedCertificates> {
    const things = await this.#managed.load(device.address.id, this.kind);
    const desired = content?.certificates ?? [];
    if (desired.length === 0 && things.size === 0 && content?.prune !== 'all') return null;
    const show = (command: string, args: Record<string, string> = {}): Promise<LeafMap> =>
      device.command(`Security.Certificates.${command}.Show`, args, options);
    const ca = await lookAt('certificate authorities', identity, async () =>
      listedCertificates(await show('CA')),
    );
    const service = await lookAt('service certificates', identity, async () =>
      listedCertificates(await show('Services')),
    );
    const active = new Map<string, ReadonlySet<string>>();
    for (const purpose of new Set(desired.flatMap(({ purposes }) => purposes))) {
      const used = await lookAt(`certificates for ${purpose}`, identity, async () =>
        listedCertificates(await show('Services', { Filter: purpose })),
      );
      if (!isUnseen(used)) active.set(purpose, new Set(used.map(({ fingerprint }) => fingerprint)));
    }
    await this.#forgetGone(device, { ca, service, things }, desired);
    return { ca, service, active, things, now: this.#clock.now() };
  }

  diff(desired: DesiredDevice, observed: ObservedCertificates): ResourceDiff {
    if (observed === null) return NOTHING;
    const { read, problems } = readCertificates(desired.content?.certificates ?? []);
    const changes: Change[] = [];
    let untouched = 0;
    for (const one of read) {
      const verdict = compare(one, desired, observed);
      if (verdict === 'same') untouched += 1;
      else if ('message' in verdict) problems.push(verdict);
      else changes.push(verdict);
    }
    const kept = new Set(read.flatMap(keysOf));
    const pruned = problems.length > 0 ? [] : prune(observed, kept, desired.content?.prune ?? 'own');
    const expiring = judgeExpiry(watched(read, observed, kept), observed.now);
    return {
      changes: [...changes, ...pruned.flatMap((one) => (typeof one === 'string' ? [] : [one]))],
      untouched,
      problems: [...problems, ...expiring.problems],
      hints: [...expiring.hints, ...pruned.filter((one) => typeof one === 'string')],
    };
  }

  async apply(device: Device, changes: readonly Change[], options: AbortOptions): Promise<SettingAnswer[]> {
    const errands = changes.map(({ path, wanted }) => ({ path, errand: errandIn(wanted) }));
    const act = (errand: CertificateErrand): Promise<null> => carryOut(device, errand, options);
    return runErrands(device, errands, { managed: this.#managed, kind: this.kind }, { act });
  }

  async #forgetGone(
    device: Device,
    { ca, service, things }: Pick<NonNullable<ObservedCertificates>, 'ca' | 'service' | 'things'>,
    desired: readonly DesiredCertificate[],
  ): Promise<void> {
    if (isUnseen(ca) || isUnseen(service)) return;
    const present = new Set([
      ...ca.map(({ fingerprint }) => keyOf('ca', fingerprint)),
      ...service.map(({ fingerprint }) => keyOf('service', fingerprint)),
      ...readCertificates(desired).read.flatMap(keysOf),
    ]);
    const gone = [...things.keys()].filter((key) => !present.has(key));
    await this.#managed.gone(device.address.id, this.kind, gone);
  }
}

function compare(
  { certificate, subject, fingerprint }: ReadCertificate,
  { tls }: DesiredDevice,
  observed: NonNullable<ObservedCertificates>,
): 'same' | Change | ResourceProblem {
  const { kind: side, purposes, fingerprint256, expiresAt } = certificate;
  const path = certificatePath(side, fingerprint256);
  const listed = observed[side];
  if (isUnseen(listed)) return { path, message: listed.unseen };
  const known = new Set([fingerprint, plainFingerprint(fingerprint256)]);
  const held = listed.find((one) => known.has(one.fingerprint)) ?? null;
  const missing = purposes.filter((purpose) => !isActive(purpose, held, observed));
  if (held !== null && missing.length === 0) return 'same';
  if (missing.includes('HTTPS') && tls.mode === 'pin') return { path, message: WOULD_CUT_OFF };
  if (held === null && side === 'service' && !(certificate.pem instanceof Secret))
    return { path, message: KEY_GONE };
  const errand: CertificateErrand = {
    action: 'put',
    key: keyOf(side, fingerprint),
    digest: fingerprint256,
    side,
    pem: held === null ? certificate.pem : null,
    fingerprint: held?.fingerprint ?? fingerprint,
    purposes: missing,
  };
  const what = `${subject}, expires ${day(expiresAt)}`;
  return changeOf(errand, {
    path,
    from: held === null ? null : `for ${held.usedFor === '' ? 'nothing' : held.usedFor}`,
    to: purposes.length === 0 ? what : `${what}, for ${purposes.join(', ')}`,
    replaces: {
      key: fingerprint256,
      isOurs: observed.things.get(errand.key)?.isOurs === true,
      held: held === null ? null : { lost: 'what it was used for is not on record' },
    },
  });
}

const KEY_GONE =
  'it was approved and is not on the device, and its private key is no longer in the file, the only place that has it: ' +
  'put it back there, or approve the file as it is now';

const WOULD_CUT_OFF =
  'activated for HTTPS it would replace the certificate that roomd pinned, and cut roomd off: ' +
  'write "tls: ca" for this device, with an authority that vouches for the new certificate';

function isActive(
  purpose: string,
  held: ListedCertificate | null,
  { active }: NonNullable<ObservedCertificates>,
): boolean {
  if (held === null) return false;
  const used = active.get(purpose);
  return used?.has(held.fingerprint) ?? held.usedFor.toLowerCase().includes(purpose.toLowerCase());
}

/** What is to go, or a hint why it stays. A certificate in use stays: the device would be left with none. */
function prune(
  observed: NonNullable<ObservedCertificates>,
  kept: ReadonlySet<string>,
  rule: DesiredContent['prune'],
): (Change | string)[] {
  return (['ca', 'service'] as const).flatMap((side) => {
    const listed = observed[side];
    if (isUnseen(listed)) return [];
    return listed.flatMap(({ fingerprint, subject, usedFor }): (Change | string)[] => {
      const key = keyOf(side, fingerprint);
      const thing = observed.things.get(key);
      const isOurs = thing?.isOurs === true;
      if (kept.has(key) || rule === 'none' || (rule === 'own' && !isOurs)) return [];
      const shown = isOurs && thing.digest !== '' ? thing.digest : withColons(fingerprint);
      if (usedFor !== '' && isOurs)
        return [
          `the certificate ${subject} is no longer in the file and stays, because the device uses it for ${usedFor}`,
        ];
      if (usedFor !== '') return [];
      const errand = { action: 'take', key, digest: '', side, pem: null, fingerprint, purposes: [] } as const;
      return [
        changeOf(errand, {
          path: certificatePath(side, shown),
          from: isOurs ? subject : `foreign: ${subject}`,
          to: 'no such certificate',
          replaces: { key: shown, isOurs, held: { lost: UNREADABLE[side] } },
        }),
      ];
    });
  });
}

const UNREADABLE: Readonly<Record<Side, string>> = {
  ca: 'devices list certificates and do not give them out',
  service: 'its private key cannot be read from a device',
};

function changeOf(
  errand: CertificateErrand,
  shown: Pick<Change, 'path' | 'from' | 'to'> & { replaces: Replaced },
): Change {
  return {
    kind: CERTIFICATE_KIND,
    ...shown,
    wanted: new CertificateOrder(CERTIFICATE_KIND, errand),
    unreadable: false,
    noticeable: errand.side !== 'ca' || errand.action !== 'put',
  };
}

function errandIn(wanted: Change['wanted']): CertificateErrand {
  if (wanted instanceof CertificateOrder) return wanted.errand;
  throw new TypeError('the change is no order for a certificate');
}

/** HTTPS comes last: with it the device may end the very connection that this goes over. */
async function carryOut(device: Device, errand: CertificateErrand, options: AbortOptions): Promise<null> {
  const { action, side, pem, fingerprint: Fingerprint, purposes } = errand;
  const group = `Security.Certificates.${side === 'ca' ? 'CA' : 'Services'}`;
  if (action === 'take') {
    await device.command(`${group}.Delete`, { Fingerprint }, options);
    return null;
  }
  if (pem !== null) {
    const body = pem instanceof Secret ? pem.reveal() : pem;
    await device.command(`${group}.Add`, {}, { ...options, body });
  }
  for (const Purpose of purposes.toSorted((a, b) => Number(a === 'HTTPS') - Number(b === 'HTTPS')))
    await device.command(`${group}.Activate`, { Fingerprint, Purpose }, options);
  return null;
}

/** What the file names, and what else the device uses. */
function watched(
  read: readonly ReadCertificate[],
  { service, things }: NonNullable<ObservedCertificates>,
  kept: ReadonlySet<string>,
): Expiring[] {
  const used = isUnseen(service)
    ? []
    : service.filter(
        ({ usedFor, fingerprint }) => usedFor !== '' && !kept.has(keyOf('service', fingerprint)),
      );
  return [
    ...read.map(({ certificate: { kind, expiresAt, fingerprint256 }, subject }) => ({
      what: `the certificate ${subject} (${kind}) in the file`,
      expiresAt,
      path: certificatePath(kind, fingerprint256),
    })),
    ...used.map(({ subject, usedFor, expiresAt, fingerprint }) => ({
      what: `the certificate ${subject}, which the device uses for ${usedFor},`,
      expiresAt,
      path:
        things.get(keyOf('service', fingerprint))?.isOurs === true
          ? certificatePath('service', withColons(fingerprint))
          : null,
    })),
  ];
}
