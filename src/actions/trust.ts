import { z } from 'zod';
import { readFingerprint, Wrong } from '../fleet/forms.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time, UnitLookAnswer } from './answers.ts';
import { getDevice, viewOf } from './devices.ts';
import type { CertificateLook, RecordedCertificate, UnitLook } from './ports/trust.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { ShownDevice } from './shown-device.ts';

const LookInput = z.strictObject({
  name: z.string(),
  what: z
    .enum(['certificate', 'serial'])
    .default('certificate')
    .describe('`certificate`: by a TLS handshake, no login is sent. `serial`: by a login.'),
});

export const ShownCertificate = z
  .strictObject({
    validFrom: Time.nullable(),
    validTo: Time.nullable(),
    fingerprint256: z.string().describe('SHA-256, upper-case hex with colons.'),
    subject: z.string().nullable(),
    issuer: z.string().nullable(),
    key: z.string().nullable(),
  })
  .register(components, { id: 'Certificate' });
export type ShownCertificate = z.output<typeof ShownCertificate>;

export const ShownCertificateLook = z
  .strictObject({
    recorded: ShownCertificate.nullable(),
    shown: ShownCertificate.nullable(),
    isSame: z.boolean(),
    tls: z.enum(['pin', 'ca', 'insecure']),
    isPinnedInFile: z
      .boolean()
      .describe("The file itself gives the fingerprint; roomd's record does not count then."),
    reason: z.string().nullable().describe('Why nothing is shown.'),
  })
  .register(components, { id: 'CertificateLook' });

/** What a device shows beside what is on record; of the two parts the one that was asked for. */
export const ShownLook = z
  .strictObject({
    name: z.string(),
    certificate: ShownCertificateLook.nullable(),
    serial: UnitLookAnswer.nullable(),
  })
  .register(components, { id: 'TrustLook' });
export type ShownLook = z.output<typeof ShownLook>;

export const lookBeforeTrust: Action<z.output<typeof LookInput>, ShownLook> = {
  name: 'trust.look',
  summary: 'What a device shows now beside what is on record of it; vouches for nothing.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/trust' },
  input: LookInput,
  answer: ShownLook,
  async run({ name, what }, ports, _caller, { signal }) {
    viewOf(ports, name);
    return {
      name,
      certificate:
        what === 'certificate' ? showCertificateLook(await ports.trust.certificate(name, { signal })) : null,
      serial: what === 'serial' ? await ports.trust.unit(name, null, { signal }) : null,
    };
  },
};

const Input = z.strictObject({
  name: z.string(),
  certificate: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'Pin this certificate, by the SHA-256 fingerprint that a look showed; refused where the device shows another by then.',
    ),
  serial: z
    .string()
    .nullable()
    .default(null)
    .describe('Bind to the unit with this serial number; refused where another answers by then.'),
  retryLogin: z.boolean().default(false).describe('Try a refused password once more.'),
});

export const trust: Action<z.output<typeof Input>, ShownDevice> = {
  name: 'trust',
  summary: 'Vouch for what a device shows now: its certificate, its serial number, or its password.',
  role: 'admin',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/trust' },
  input: Input,
  answer: ShownDevice,
  async run({ name, certificate, serial, retryLogin }, ports, caller, options) {
    viewOf(ports, name);
    if (certificate === null && serial === null && !retryLogin) {
      throw new ActionError('bad-input', 'say what to trust: certificate, serial or retryLogin');
    }
    if (certificate !== null) {
      const accepted = await certificateShown(ports, { name, wanted: certificate }, options);
      await ports.trust.pin(name, accepted, caller.actor);
    }
    if (retryLogin) await ports.trust.retryLogin(name);
    if (serial !== null) {
      const look = await ports.trust.unit(name, null, options);
      await ports.trust.bind(name, unitShown(look, { name, wanted: serial }), caller.actor);
    }
    return getDevice.run({ name }, ports, caller, options);
  },
};

/**
 * The certificate that the device shows, where it is the one that was vouched for and can be pinned.
 * @throws ActionError `bad-input` for what is no fingerprint, `conflict`
 */
export async function certificateShown(
  ports: Pick<Ports, 'trust'>,
  { name, wanted }: { name: string; wanted: string },
  options: AbortOptions,
): Promise<CertificateFacts> {
  const fingerprint = readFingerprint(wanted);
  if (fingerprint instanceof Wrong) throw new ActionError('bad-input', fingerprint.message);
  const look = await ports.trust.certificate(name, options);
  const obstacle = pinObstacle(name, look);
  if (obstacle !== null) throw new ActionError('conflict', obstacle);
  if (look.shown === null) throw new ActionError('conflict', look.reason ?? `${name} shows no certificate`);
  if (look.shown.fingerprint256 !== fingerprint)
    throw new ActionError(
      'conflict',
      `${name} shows the certificate ${look.shown.fingerprint256}, not ${fingerprint}: nothing was accepted`,
    );
  return look.shown;
}

/** Why no certificate of this device can be accepted; null where one can. */
export function pinObstacle(
  name: string,
  { tls, isPinnedInFile }: Pick<CertificateLook, 'tls' | 'isPinnedInFile'>,
): string | null {
  if (tls !== 'pin')
    return `the file says "tls: ${tls}" for ${name}, so no certificate of it is kept and there is none to accept`;
  return isPinnedInFile
    ? `the file itself gives the certificate of ${name}: write the new fingerprint under tls: pin: there`
    : null;
}

/**
 * The unit that answers, where it is the one that was vouched for and no other device of the fleet.
 * @throws ActionError `conflict`
 */
export function unitShown(
  { shown, failure, belongsTo }: UnitLook,
  { name, wanted }: { name: string; wanted: string },
): NonNullable<UnitLook['shown']> {
  if (shown === null) throw new ActionError('conflict', failure?.reason ?? `${name} does not answer`);
  if (shown.serial !== wanted)
    throw new ActionError(
      'conflict',
      `the unit that answers for ${name} has the serial number ${shown.serial}, not ${wanted}: nothing was accepted`,
    );
  if (belongsTo !== null) throw new ActionError('conflict', changedPlaces(name, shown.serial, belongsTo));
  return shown;
}

export function changedPlaces(name: string, serial: string, belongsTo: string): string {
  return (
    `the unit with the serial number ${serial} is on record as ${belongsTo} and answers at the address of ${name}: ` +
    `the two seem to have changed places, so correct "host" of ${name} and ${belongsTo} in the file instead`
  );
}

export function showCertificateLook({ recorded, shown, ...look }: CertificateLook) {
  return {
    ...look,
    recorded: recorded === null ? null : showCertificate(recorded),
    shown: shown === null ? null : showCertificate(shown),
    isSame: recorded !== null && recorded.fingerprint256 === shown?.fingerprint256,
  };
}

function showCertificate({ validFrom, validTo, ...certificate }: RecordedCertificate) {
  return { ...certificate, validFrom: rfc3339(validFrom), validTo: rfc3339(validTo) };
}
