import { X509Certificate } from 'node:crypto';
import { unreachable } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import { type Blob, digestOfBytes } from './blob-store.ts';
import { brandingPath, certificatePath, deviceMacroPath, panelPath } from './content-paths.ts';
import type {
  DesiredBranding,
  DesiredCertificate,
  DesiredContent,
  DesiredDeviceMacro,
  DesiredPanel,
} from './fleet.ts';
import type { Place } from './problem.ts';

/** One thing besides settings that was approved for a device: what it is, its own name, and which content. */
export type ApprovedThing = {
  /** SHA-256 (hex) of the content: a panel's XML, a macro's source, a picture's bytes, a certificate's PEM without any key. */
  readonly digest: string;
  /** It was another's before a rollout; it is put back once, and then it is not roomd's. */
  readonly givesBack?: true;
} & (
  | { readonly kind: 'ui-panel'; readonly key: string }
  | { readonly kind: 'device-macro'; readonly key: string; readonly active: boolean }
  | { readonly kind: 'branding'; readonly key: DesiredBranding['type'] }
  | { readonly kind: 'certificate'; readonly key: string }
  | {
      readonly kind: 'service-certificate';
      /** SHA-256 of the certificate. */
      readonly key: string;
      /** Keyed, of certificate and private key: the key itself is never on record. */
      readonly fingerprint: string;
      readonly purposes: readonly string[];
    }
);

/** What else of the content was approved. */
export type ApprovedRule =
  | { readonly prune: 'all' }
  | { readonly software: string; readonly url: string | null };

export type ApprovedContent = ApprovedThing | ApprovedRule;

export const PRUNE = 'Prune';
export const SOFTWARE = 'Software';

type Item = DesiredPanel | DesiredDeviceMacro | DesiredBranding | DesiredCertificate;

/** The digests of content that the file names; devices share items, so each is digested once. */
export class ContentDigests {
  readonly #known = new WeakMap<Item, string>();

  of(item: Item): string {
    const known = this.#known.get(item) ?? digestOfBytes(bytesOf(item));
    this.#known.set(item, known);
    return known;
  }
}

/** What an approval puts on record of a device's content, by the paths of its things. */
export function approvedContent(
  content: DesiredContent | undefined,
  { key, digests }: { key: string; digests: ContentDigests },
): [string, ApprovedContent][] {
  if (content === undefined) return [];
  const { panels, deviceMacros, branding, certificates, software, prune } = content;
  return [
    ...panels.map((panel): [string, ApprovedContent] => [
      panelPath(panel.id),
      { kind: 'ui-panel', key: panel.id, digest: digests.of(panel) },
    ]),
    ...deviceMacros.map((macro): [string, ApprovedContent] => [
      deviceMacroPath(macro.name),
      { kind: 'device-macro', key: macro.name, digest: digests.of(macro), active: macro.active },
    ]),
    ...branding.map((picture): [string, ApprovedContent] => [
      brandingPath(picture.type),
      { kind: 'branding', key: picture.type, digest: digests.of(picture) },
    ]),
    ...certificates.map((certificate): [string, ApprovedContent] => [
      certificatePath(certificate.kind, certificate.fingerprint256),
      approvedCertificate(certificate, digests.of(certificate), key),
    ]),
    ...(software === null
      ? []
      : [[SOFTWARE, { software: software.version, url: software.url }] satisfies [string, ApprovedContent]]),
    ...(prune === 'all' ? [[PRUNE, { prune }] satisfies [string, ApprovedContent]] : []),
  ];
}

/** The contents that records of these name, each once. */
export function blobsOf(contents: readonly DesiredContent[], digests: ContentDigests): Blob[] {
  const items = contents.flatMap(({ panels, deviceMacros, branding, certificates }): Item[] => [
    ...panels,
    ...deviceMacros,
    ...branding,
    ...certificates,
  ]);
  const unique = new Map(items.map((item) => [digests.of(item), item]));
  return [...unique].map(([digest, item]) => ({ digest, bytes: () => bytesOf(item) }));
}

export interface ContentSources {
  /** What the file says of the device now; an item of it that is the approved one is used as it is. */
  readonly inFile: DesiredContent | undefined;
  readonly place: Place;
  readonly digests: ContentDigests;
  readonly fingerprintKey: string;
  /** Also what was another's before a rollout. */
  readonly givesBack: boolean;
  readonly read: (digest: string) => Promise<Uint8Array | null>;
}

/** The content that was approved; undefined for none, null where it is not on record in full. */
export async function contentOf(
  approved: readonly ApprovedContent[],
  sources: ContentSources,
): Promise<DesiredContent | undefined | null> {
  const panels: DesiredPanel[] = [];
  const deviceMacros: DesiredDeviceMacro[] = [];
  const branding: DesiredBranding[] = [];
  const certificates: DesiredCertificate[] = [];
  let [software, prune]: [DesiredContent['software'], DesiredContent['prune']] = [null, 'own'];
  for (const one of approved) {
    if ('prune' in one) prune = one.prune;
    else if ('software' in one)
      software = {
        version: one.software,
        url: one.url,
        place: sources.inFile?.software?.place ?? sources.place,
      };
    else if (one.givesBack !== true || sources.givesBack) {
      const item = inFileAs(one, sources) ?? (await onRecordAs(one, sources));
      if (item === null) return null;
      if ('xml' in item) panels.push(item);
      else if ('source' in item) deviceMacros.push(item);
      else if ('base64' in item) branding.push(item);
      else certificates.push(item);
    }
  }
  if (approved.length === 0) return undefined;
  return { panels, deviceMacros, branding, certificates, software, prune };
}

function approvedCertificate(
  { kind, fingerprint256, pem, purposes }: DesiredCertificate,
  digest: string,
  key: string,
): ApprovedThing {
  if (kind === 'ca') return { kind: 'certificate', key: fingerprint256, digest };
  const fingerprint = pem instanceof Secret ? pem.fingerprint(key) : '';
  return {
    kind: 'service-certificate',
    key: fingerprint256,
    digest,
    fingerprint,
    purposes: [...purposes].sort(),
  };
}

/** The file's own item where it is exactly what was approved. */
function inFileAs(thing: ApprovedThing, { inFile, digests, fingerprintKey }: ContentSources): Item | null {
  if (inFile === undefined || thing.givesBack === true) return null;
  const found = itemOf(thing, inFile);
  if (found === undefined || digests.of(found) !== thing.digest) return null;
  switch (thing.kind) {
    case 'device-macro':
      return 'active' in found && found.active === thing.active ? found : null;
    case 'service-certificate': {
      if (!('pem' in found) || !(found.pem instanceof Secret)) return null;
      if (found.pem.fingerprint(fingerprintKey) !== thing.fingerprint) return null;
      return { ...found, purposes: thing.purposes };
    }
    case 'ui-panel':
    case 'branding':
    case 'certificate':
      return found;
    default:
      return unreachable(thing);
  }
}

function itemOf({ kind, key }: ApprovedThing, content: DesiredContent): Item | undefined {
  switch (kind) {
    case 'ui-panel':
      return content.panels.find(({ id }) => id === key);
    case 'device-macro':
      return content.deviceMacros.find(({ name }) => name === key);
    case 'branding':
      return content.branding.find(({ type }) => type === key);
    case 'certificate':
    case 'service-certificate': {
      const side = kind === 'certificate' ? 'ca' : 'service';
      return content.certificates.find((one) => one.kind === side && one.fingerprint256 === key);
    }
    default:
      return unreachable(kind);
  }
}

async function onRecordAs(thing: ApprovedThing, { place, read }: ContentSources): Promise<Item | null> {
  const bytes = await read(thing.digest);
  if (bytes === null) return null;
  const buffer = Buffer.from(bytes);
  const back = thing.givesBack === true ? ({ givesBack: true } as const) : {};
  switch (thing.kind) {
    case 'ui-panel':
      return { id: thing.key, xml: buffer.toString('utf8'), place, ...back };
    case 'device-macro':
      return { name: thing.key, source: buffer.toString('utf8'), active: thing.active, place, ...back };
    case 'branding':
      return { type: thing.key, base64: buffer.toString('base64'), place, ...back };
    case 'certificate':
    case 'service-certificate': {
      const pem = buffer.toString('utf8');
      const side = thing.kind === 'certificate' ? 'ca' : 'service';
      const expiresAt = Date.parse(new X509Certificate(pem).validTo);
      const purposes = thing.kind === 'certificate' ? [] : thing.purposes;
      return { kind: side, pem, fingerprint256: thing.key, expiresAt, purposes, place };
    }
    default:
      return unreachable(thing);
  }
}

/** Without any private key. */
function bytesOf(item: Item): Uint8Array {
  if ('xml' in item) return Buffer.from(item.xml);
  if ('source' in item) return Buffer.from(item.source);
  if ('base64' in item) return Buffer.from(item.base64, 'base64');
  const { pem } = item;
  return Buffer.from(pem instanceof Secret ? withoutKey(pem.reveal()) : pem);
}

function withoutKey(pem: string): string {
  return (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? []).join('');
}
