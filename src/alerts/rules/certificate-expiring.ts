import { day } from '../../fleet/certificate-facts.ts';
import { duration } from '../../fleet/duration.ts';
import type { CertificateFacts } from '../facts.ts';
import { aboutRoomd, type DeviceFinding, defineRule, eachDevice, type Severity } from '../rule.ts';

const DAY_MS = 86_400_000;

export const certificateExpiring = defineRule({
  name: 'certificate-expiring',
  summary: 'A certificate in use, of a device or of roomd’s receiver, expires soon or has expired.',
  severity: 'warning',
  forMs: 60_000,
  clearMs: 60_000,
  options: { before: duration('How long before its end.').prefault('30d') },
  look({ devices, certificates, now }, { options: { before } }) {
    const ofDevices = eachDevice(
      devices,
      (device) => device.certificates?.flatMap((one) => expiring(device.name, one, now, before)) ?? null,
    );
    const own = aboutRoomd(certificates.flatMap((one) => expiring('roomd', one, now, before)));
    return { findings: [...ofDevices.findings, ...own.findings], unjudged: ofDevices.unjudged };
  },
});

function expiring(
  owner: string,
  { what, expiresAt }: CertificateFacts,
  now: number,
  beforeMs: number,
): (DeviceFinding & { readonly key: string; readonly severity: Severity })[] {
  const leftMs = expiresAt - now;
  if (leftMs > beforeMs) return [];
  const days = Math.ceil(leftMs / DAY_MS);
  const isOver = leftMs <= 0;
  return [
    {
      key: what,
      title: isOver ? `A certificate of ${owner} has expired` : `A certificate of ${owner} expires soon`,
      cleared: `The certificate of ${owner} was renewed`,
      detail: isOver
        ? `${what} expired on ${day(expiresAt)}.`
        : `${what} expires on ${day(expiresAt)}, in ${days} ${days === 1 ? 'day' : 'days'}.`,
      remedy: 'Put a new one in its place.',
      severity: isOver || leftMs < 3 * DAY_MS ? 'critical' : 'warning',
    },
  ];
}
