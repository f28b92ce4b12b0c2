import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ContentStores, ServiceCertificate } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import type { JsonTree } from '../node-tree.ts';
import { answer, type CommandCall, type CommandOutcome, type CommandTable, done, failed } from './command.ts';

/** What `Services Show` calls the purposes (captured with HTTPS and SIP; the others as they are activated). */
const USED_FOR: Readonly<Record<string, string>> = { HTTPS: 'HTTPS server' };

/** Certificate authorities and the device's own certificates. Fingerprints are SHA-1, lower-case hex (captured). */
export function certificateCommands({ settings }: DeviceCore, content: ContentStores): CommandTable {
  return {
    'Security/Certificates/CA/Add': ({ body }) => addAuthority(content, body),
    'Security/Certificates/CA/Show': ({ args }) =>
      answer({
        [settings.authorityList]: content.certificateAuthorities.map((pem, at) => ({
          ...describe(pem, args.text('Format') === 'PEM', 'SHA-1'),
          id: at + 1,
        })),
        Format: args.text('Format', 'Text'),
      }),
    'Security/Certificates/CA/Delete': ({ args }) => {
      const wanted = plain(args.text('Fingerprint'));
      const at = content.certificateAuthorities.findIndex((pem) => fingerprintsOf(pem).includes(wanted));
      if (at < 0) return failed('Certificate not found');
      content.certificateAuthorities.splice(at, 1);
      return done;
    },
    ...serviceCommands(content),
  };
}

function serviceCommands(content: ContentStores): CommandTable {
  return {
    'Security/Certificates/Services/Add': ({ body }) => addService(content, body),
    'Security/Certificates/Services/Show': (call) => showServices(content, call),
    'Security/Certificates/Services/Activate': (call) =>
      withService(content, call, (certificate, purpose) => content.activateService(certificate, purpose)),
    'Security/Certificates/Services/Deactivate': (call) =>
      withService(content, call, (certificate, purpose) => content.deactivateService(certificate, purpose)),
    'Security/Certificates/Services/Delete': (call) =>
      withService(content, call, (certificate) => {
        for (const purpose of certificate.purposes) content.deactivateService(certificate, purpose);
        content.serviceCertificates.splice(content.serviceCertificates.indexOf(certificate), 1);
      }),
  };
}

function addAuthority(content: ContentStores, body: string): CommandOutcome {
  const pem = body.trim();
  if (!isCertificate(pem)) return failed('Invalid certificate');
  if (content.certificateAuthorities.includes(pem)) return failed('Certificate already exists');
  content.certificateAuthorities.push(pem);
  return done;
}

/** A certificate and its key in one text; they must belong together. */
function addService(content: ContentStores, body: string): CommandOutcome {
  if (!isCertificate(body)) return failed('Invalid certificate');
  const pem = new X509Certificate(body).toString();
  const keyPem = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/.exec(body)?.[0];
  if (keyPem === undefined || !isKeyOf(pem, keyPem)) return failed('Invalid private key');
  if (content.serviceCertificates.some((known) => known.pem === pem))
    return failed('Certificate already exists');
  content.serviceCertificates.push({ pem, keyPem, purposes: new Set() });
  return done;
}

function showServices(content: ContentStores, { args }: CommandCall): CommandOutcome {
  const filter = args.text('Filter');
  const found = content.serviceCertificates.filter(({ purposes }) => filter === '' || purposes.has(filter));
  const algorithm = args.text('FingerprintAlgorithm') === 'SHA-256' ? 'SHA-256' : 'SHA-1';
  return answer({
    Details: found.map(({ pem, purposes }, at) => ({
      ...describe(pem, args.text('Format') === 'PEM', algorithm),
      UsedFor: [...purposes].map((purpose) => USED_FOR[purpose] ?? purpose).join(', '),
      id: at + 1,
    })),
    Format: args.text('Format', 'Text'),
  });
}

function withService(
  content: ContentStores,
  { args }: CommandCall,
  act: (certificate: ServiceCertificate, purpose: string) => void,
): CommandOutcome {
  const wanted = plain(args.text('Fingerprint'));
  const certificate = content.serviceCertificates.find(({ pem }) => fingerprintsOf(pem).includes(wanted));
  if (certificate === undefined) return failed('Certificate not found');
  act(certificate, args.text('Purpose'));
  return done;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint !== '';
  } catch {
    return false;
  }
}

function isKeyOf(pem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

/** SHA-1, SHA-256. */
function fingerprintsOf(pem: string): [string, string] {
  const { fingerprint, fingerprint256 } = new X509Certificate(pem);
  return [plain(fingerprint), plain(fingerprint256)];
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}

function describe(pem: string, asPem: boolean, algorithm: 'SHA-1' | 'SHA-256'): { [name: string]: JsonTree } {
  const [sha1, sha256] = fingerprintsOf(pem);
  const Fingerprint = algorithm === 'SHA-256' ? sha256 : sha1;
  if (asPem) return { Certificate: pem, Fingerprint };
  const { issuer, subject, validFrom, validTo } = new X509Certificate(pem);
  return {
    Fingerprint,
    IssuerName: nameOf(issuer),
    SubjectName: nameOf(subject),
    notAfter: validTo,
    notBefore: validFrom,
  };
}

/** `C=US\nCN=R3` as the device writes it: `/C=US/CN=R3`. */
function nameOf(distinguished: string): string {
  return `/${distinguished.split('\n').join('/')}`;
}
