import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface DeviceCertificate {
  readonly pem: string;
  readonly keyPem: string;
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint256: string;
}

export function newKeyPair(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/**
 * A self-signed certificate (RFC 5280, version 3, ECDSA P-256 with SHA-256),
 * written as DER by hand. It names 127.0.0.1 and localhost; each call gives
 * another serial number and so another fingerprint.
 */
export function selfSign(keys: KeyPair, options: { commonName: string; now: number }): DeviceCertificate {
  const name = sequence(set(sequence(oid('550403'), tlv(0x0c, Buffer.from(options.commonName)))));
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const day = 86_400_000;
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    algorithm,
    name,
    sequence(generalizedTime(options.now - 30 * day), generalizedTime(options.now + 3_650 * day)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(basicConstraints(), subjectAltName())),
  );
  const signature = sign(
    'sha256',
    toBeSigned,
    createPrivateKey(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  const der = sequence(toBeSigned, algorithm, bitString(signature));
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${der
      .toString('base64')
      .replaceAll(/(.{64})/g, '$1\n')
      .trim()}\n-----END CERTIFICATE-----\n`,
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint256: (createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g) ?? []).join(
      ':',
    ),
  };
}

function basicConstraints(): Buffer {
  return sequence(
    oid('551d13'),
    tlv(0x01, Buffer.from([0xff])),
    octets(sequence(tlv(0x01, Buffer.from([0xff])))),
  );
}

function subjectAltName(): Buffer {
  const names = sequence(tlv(0x87, Buffer.from([127, 0, 0, 1])), tlv(0x82, Buffer.from('localhost')));
  return sequence(oid('551d11'), octets(names));
}

function generalizedTime(ms: number): Buffer {
  return tlv(0x18, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return tlv(0x31, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function octets(content: Buffer): Buffer {
  return tlv(0x04, content);
}

function bitString(content: Buffer): Buffer {
  return tlv(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}
