import { z } from 'zod';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import { type Action, ActionError } from './action.ts';
import { UnitLookAnswer } from './answers.ts';
import { getDevice, viewOf } from './devices.ts';
import { noDevice } from './no-device.ts';
import type { CertificateLook, UnitLook } from './ports/trust.ts';
import type { Ports } from './ports.ts';
import { ShownApplied, showApplied } from './present.ts';
import { ShownDevice } from './shown-device.ts';
import { certificateShown, ShownCertificateLook, showCertificateLook, unitShown } from './trust.ts';

const LookInput = z.strictObject({
  name: z.string(),
  certificate: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'The SHA-256 fingerprint to which the login may be sent; without it nobody logs in where the certificate is not the one on record.',
    ),
});

/** What is known of a unit before it is taken up. */
export const ReplaceLook = z.strictObject({
  name: z.string(),
  certificate: ShownCertificateLook,
  unit: UnitLookAnswer.nullable().describe(
    'Null where nobody has vouched for the certificate yet, so that no login was sent.',
  ),
  bootstrap: z
    .string()
    .nullable()
    .describe("What a person has to do on the new unit first; null where it knows roomd's account."),
});
export type ReplaceLook = z.output<typeof ReplaceLook>;

export const Replaced = z.strictObject({
  device: ShownDevice,
  applied: ShownApplied.nullable().describe(
    'What was written to the new unit; null where nothing was approved for the device.',
  ),
});
export type Replaced = z.output<typeof Replaced>;

export const lookBeforeReplace: Action<z.output<typeof LookInput>, ReplaceLook> = {
  name: 'replace.look',
  summary: 'Who answers for a device now beside who is on record; logs in once, binds nothing.',
  role: 'admin',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/replace/look' },
  input: LookInput,
  answer: ReplaceLook,
  async run({ name, certificate }, ports, _caller, options) {
    const desired = desiredOf(ports, name);
    const look = await ports.trust.certificate(name, options);
    const shown = showCertificateLook(look);
    const isVouched = certificate !== null || isKnown(look);
    if (look.shown === null || !isVouched) return { name, certificate: shown, unit: null, bootstrap: null };
    const accepted = await vouchedFor(ports, { name, certificate }, options);
    // A unit that is new has refused nothing yet: one attempt is its due.
    await ports.trust.retryLogin(name);
    const unit = await ports.trust.unit(name, accepted?.fingerprint256 ?? null, options);
    return { name, certificate: shown, unit, bootstrap: bootstrapOf(desired, unit) };
  },
};

const Input = z.strictObject({
  name: z.string(),
  serial: z.string().describe('Of the new unit; refused where another answers.'),
  certificate: LookInput.shape.certificate.describe(
    'The SHA-256 fingerprint of its certificate, to be pinned; may be absent where it is the one on record.',
  ),
  force: z.boolean().default(false).describe('Write also where the room is in use.'),
});

export const replace: Action<z.output<typeof Input>, Replaced> = {
  name: 'replace',
  summary: 'Bind a device to the unit that took its place, and bring it to the approved state.',
  role: 'admin',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/replace' },
  input: Input,
  answer: Replaced,
  async run({ name, serial, certificate, force }, ports, caller, options) {
    const desired = desiredOf(ports, name);
    const accepted = await vouchedFor(ports, { name, certificate }, options);
    const look = await ports.trust.unit(name, accepted?.fingerprint256 ?? null, options);
    const bootstrap = bootstrapOf(desired, look);
    if (bootstrap !== null) throw new ActionError('conflict', bootstrap);
    const unit = unitShown(look, { name, wanted: serial });
    if (unit.serial === look.recorded.serial) throw new ActionError('conflict', sameUnit(name, unit.serial));
    options.onProgress?.(`${name}: bound to ${unit.serial}`);
    if (accepted !== null) await ports.trust.pin(name, accepted, caller.actor);
    await ports.trust.bind(name, unit, caller.actor);
    await ports.retirement.takeUp(name, caller.actor);
    const applied = await ports.bringToApproved(name, { actor: caller.actor, force }, options);
    return {
      device: await getDevice.run({ name }, ports, caller, options),
      applied: applied === null ? null : showApplied(applied),
    };
  },
};

export function sameUnit(name: string, serial: string): string {
  return (
    `the unit on record, ${serial}, answers for ${name}: there is nothing to replace; ` +
    `after a factory reset, roomd trust ${name} --certificate and roomd apply -d ${name}`
  );
}

function desiredOf(ports: Ports, name: string): DesiredDevice {
  viewOf(ports, name);
  const desired = ports.fleet().devices.find((device) => device.name === name);
  if (desired === undefined) throw noDevice(ports, name);
  return desired;
}

/** Whether the login may go to the certificate that is shown without anybody vouching for it anew. */
function isKnown({ tls, recorded, shown }: CertificateLook): boolean {
  return tls !== 'pin' || (recorded !== null && recorded.fingerprint256 === shown?.fingerprint256);
}

/**
 * The certificate to pin, null where it is on record or none is kept.
 * @throws ActionError `conflict` where it is neither on record nor the one that was named
 */
async function vouchedFor(
  ports: Ports,
  { name, certificate }: { name: string; certificate: string | null },
  options: AbortOptions,
): Promise<CertificateFacts | null> {
  const look = await ports.trust.certificate(name, options);
  if (look.shown === null) throw new ActionError('conflict', look.reason ?? `${name} does not answer`);
  if (isKnown(look)) return null;
  if (certificate !== null) return certificateShown(ports, { name, wanted: certificate }, options);
  throw new ActionError(
    'conflict',
    `${name} shows a certificate that is not on record, ${look.shown.fingerprint256}: say that you accept it, so that the password is sent there`,
  );
}

/** A unit that refuses the login knows nothing of roomd: a person makes its account. */
function bootstrapOf(
  { name, host, username, credential }: DesiredDevice,
  { failure }: UnitLook,
): string | null {
  if (failure === null || !LOGIN_FAILURES.has(failure.code)) return null;
  return (
    `${name} needs bootstrap: the unit at ${host} does not take roomd's account (${failure.reason}). ` +
    `On its web page make the user "${username}" with the role Admin and the password of the credentials "${credential}", then run roomd replace ${name} again`
  );
}

const LOGIN_FAILURES: ReadonlySet<string> = new Set(['login-refused', 'login-blocked']);
