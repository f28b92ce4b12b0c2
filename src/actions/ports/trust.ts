import type { AbortOptions } from '../../lib/abort.ts';
import type { CertificateFacts } from '../../lib/peer-certificate.ts';
import type { DeviceIdentity } from '../../xapi/device.ts';
import type { XapiErrorCode } from '../../xapi/errors.ts';

/** What devices show beside what is on record of them, and binding them to what a person vouched for. The device must be one of the file. */
export interface TrustPorts {
  /** By a TLS handshake alone: no login is sent. */
  certificate(name: string, options: AbortOptions): Promise<CertificateLook>;
  /** By a login, sent only to the certificate with this fingerprint; null: to the one on record. */
  unit(name: string, fingerprint256: string | null, options: AbortOptions): Promise<UnitLook>;
  pin(name: string, certificate: CertificateFacts, actor: string): Promise<void>;
  /** Another unit than before: what roomd knew of the old one is forgotten. */
  bind(name: string, unit: DeviceIdentity, actor: string): Promise<void>;
  /** Lets a refused password be tried once more. */
  retryLogin(name: string): Promise<void>;
}

export interface CertificateLook {
  readonly tls: 'pin' | 'ca' | 'insecure';
  /** The file itself gives the fingerprint; roomd's record does not count then. */
  readonly isPinnedInFile: boolean;
  readonly recorded: RecordedCertificate | null;
  readonly shown: CertificateFacts | null;
  /** Why nothing is shown. */
  readonly reason: string | null;
}

/** Of a certificate pinned by an older roomd, or by the file, the fingerprint is all that is known until it is seen. */
export type RecordedCertificate = Pick<CertificateFacts, 'fingerprint256'> & {
  readonly [Field in Exclude<keyof CertificateFacts, 'fingerprint256'>]: CertificateFacts[Field] | null;
};

export interface UnitLook {
  readonly recorded: {
    readonly serial: string | null;
    readonly product: string | null;
    readonly software: string | null;
  };
  readonly shown: DeviceIdentity | null;
  /** The device of the fleet that the unit shown is on record as; null where it is this one's, or nobody's. */
  readonly belongsTo: string | null;
  /** Why nobody is shown, by code and in a sentence. */
  readonly failure: { readonly code: XapiErrorCode; readonly reason: string } | null;
}
