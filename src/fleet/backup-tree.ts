import { createHash } from 'node:crypto';
import type { DeviceIdentity } from '../xapi/device.ts';
import type { ContentPart, DeviceContent, HeldBranding } from './device-content.ts';
import { comparePaths, type HeldSettings } from './held-settings.ts';
import { yamlComment, yamlKey, yamlScalar } from './yaml-text.ts';

/** A device as it was read for a backup. */
export interface BackupState {
  readonly name: string;
  readonly identity: DeviceIdentity;
  readonly held: HeldSettings;
  readonly content: DeviceContent;
  /** Wall time, UTC milliseconds. */
  readonly readAt: number;
}

/** Files by their path within the device's folder. */
export type BackupFiles = ReadonlyMap<string, string | Buffer>;

export interface BackupTree {
  /** What a difference is judged by; the same state gives the same bytes. */
  readonly files: BackupFiles;
  /** Who answered and when: written beside it, no difference by itself unless who answered has changed. */
  readonly about: string;
  /** Folders whose content could not be read: what an earlier backup has there stands, and why. */
  readonly kept: ReadonlyMap<string, string>;
}

export const CONFIGURATION_FILE = 'configuration.yaml';
export const ABOUT_FILE = 'about.yaml';

/** The readable tree of a device: configuration.yaml, panels/, macros/, branding/ and, apart, about.yaml. */
export function backupTree(state: BackupState): BackupTree {
  const { held, content } = state;
  const files = new Map<string, string | Buffer>([[CONFIGURATION_FILE, configurationText(held)]]);
  const kept = new Map<string, string>();
  const add = <Item>(
    folder: string,
    part: ContentPart<Item>,
    fileOf: (item: Item) => [name: string, body: string | Buffer],
  ): void => {
    if (!part.read) kept.set(folder, part.why);
    else
      for (const item of part.items) {
        const [name, body] = fileOf(item);
        files.set(`${folder}/${name}`, body);
      }
  };
  add('panels', content.panels, ({ id, xml }) => [`${fileName(id)}.xml`, xml]);
  add('macros', content.macros, ({ name, source }) => [`${fileName(name)}.js`, source ?? '']);
  if (content.macros.read && content.macros.items.length > 0)
    files.set('macros/active.yaml', activeText(content.macros.items));
  add('branding', content.branding, brandingFile);
  return { files, about: aboutText(state, [...kept.keys()]), kept };
}

function configurationText({ values, hidden, unfit }: HeldSettings): string {
  const unfitInOrder = [...unfit].sort((a, b) => comparePaths(a.path, b.path));
  return [
    'configuration:',
    ...[...values].map(([path, value]) => `  ${yamlKey(path)}: ${yamlScalar(value)}`),
    ...(hidden.length === 0
      ? []
      : [
          '',
          '# The device hides these values, or they are secrets: they are in no backup and restore leaves them alone.',
          'hidden:',
          ...hidden.map((path) => `  - ${yamlScalar(path)}`),
        ]),
    ...(unfit.length === 0
      ? []
      : [
          '',
          '# The device holds these values and would not take them back: restore leaves them alone.',
          'unfit:',
          ...unfitInOrder.map(({ path, value }) => `  ${yamlKey(path)}: ${JSON.stringify(value)}`),
        ]),
    '',
  ].join('\n');
}

function activeText(macros: readonly { readonly name: string; readonly active: boolean }[]): string {
  const lines = [...macros]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, active }) => `${JSON.stringify(name)}: ${active}`);
  return `${lines.join('\n')}\n`;
}

function aboutText({ name, identity, readAt }: BackupState, kept: readonly string[]): string {
  const { product, software, serial } = identity;
  return [
    '# Who answered when what stands beside this was first read.',
    `device: ${yamlScalar(name)}`,
    `product: ${yamlScalar(yamlComment(product))}`,
    `software: ${yamlScalar(yamlComment(software))}`,
    `serial: ${yamlScalar(yamlComment(serial))}`,
    `readAt: ${JSON.stringify(new Date(readAt).toISOString())}`,
    '# What the device did not tell then: whatever stands there is older, and restore leaves it alone.',
    `kept: [${kept.join(', ')}]`,
    '',
  ].join('\n');
}

function brandingFile({ type, base64 }: HeldBranding): [string, Buffer] {
  const image = Buffer.from(base64, 'base64');
  return [`${fileName(type)}.${extensionOf(image)}`, image];
}

function extensionOf(image: Buffer): string {
  if (image.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]))) return 'png';
  if (image.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'jpg';
  return 'bin';
}

/** A name that people gave, as a file name everywhere: other signs than letters, digits, dots, dashes and underscores as `%XX`. */
export function fileName(text: string): string {
  const safe = [...Buffer.from(text)]
    .map((byte, at) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(char) || (char === '.' && at > 0)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  if (safe !== '' && safe.length <= 120) return safe;
  return `${safe.slice(0, 80)}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
