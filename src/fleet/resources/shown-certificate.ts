import type { Clock } from '../../lib/clock.ts';
import type { CertificateFacts } from '../../lib/peer-certificate.ts';
import type { Device } from '../../xapi/device.ts';
import { commonName, judgeExpiry } from '../certificate-facts.ts';
import type { Resource } from '../resource.ts';

export const SHOWN_CERTIFICATE_KIND = 'shown-certificate';

interface ObservedShown {
  readonly certificate: CertificateFacts | null;
  readonly now: number;
}

/**
 * The certificate that a device shows to roomd: never written, its expiry
 * watched. Under `tls: insecure` it vouches for nothing and nobody asks.
 */
export class ShownCertificateResource implements Resource<ObservedShown> {
  readonly kind = SHOWN_CERTIFICATE_KIND;
  readonly #certificateOf: (device: Device) => CertificateFacts | null;
  readonly #clock: Clock;

  constructor(modules: { certificateOf: (device: Device) => CertificateFacts | null; clock: Clock }) {
    this.#certificateOf = modules.certificateOf;
    this.#clock = modules.clock;
  }

  async observe(device: Device): Promise<ObservedShown> {
    const certificate = device.address.tls.mode === 'insecure' ? null : this.#certificateOf(device);
    return { certificate, now: this.#clock.now() };
  }

  diff(_desired: unknown, { certificate, now }: ObservedShown) {
    const shown =
      certificate === null
        ? []
        : [
            {
              what: `the certificate that the device shows (${commonName(certificate.subject)})`,
              expiresAt: certificate.validTo,
              path: 'Certificate[shown]',
            },
          ];
    return { changes: [], untouched: 0, ...judgeExpiry(shown, now) };
  }

  /** There is never anything to write. */
  async apply() {
    return [];
  }
}
