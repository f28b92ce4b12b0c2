import type { PathText } from '../xapi/path.ts';
import type { AdoptedDevice, AdoptRow } from './adopt.ts';
import { type FactorDevice, type Factored, factorSettings } from './adopt-factor.ts';
import { slugOf } from './adopt-names.ts';
import type { AdoptTarget } from './adopt-targets.ts';
import type { ContentPart } from './device-content.ts';
import { comparePaths } from './held-settings.ts';
import { yamlComment, yamlKey, yamlScalar } from './yaml-text.ts';

export interface AdoptFileOptions {
  readonly username: string;
  /** As it stands in the file: `${env:ROOM_PASSWORD}`. */
  readonly passwordReference: string;
  /** How the devices are trusted: each by the certificate that was met, or all by an authority, or not at all. */
  readonly tls: 'pin' | 'ca' | 'insecure';
  /** Wall time, UTC milliseconds. */
  readonly writtenAt: number;
}

/** Comments name so many of a kind at most. */
const MOST_NAMED = 20;

/**
 * The fleet file that reproduces the devices as they were read. The same rows
 * give the same text. Hidden values are never in it; comments name them, and
 * whatever else of a device the file does not hold.
 */
export function adoptedYaml(rows: readonly AdoptRow[], options: AdoptFileOptions): string {
  const devices = rows.flatMap(({ device }) => (device === null ? [] : [device]));
  const factored = factorSettings(devices.map(factorDevice));
  const zone = commonTimezone(devices);
  return [
    ...headLines(rows, options),
    'version: 1',
    '',
    'credentials:',
    `  roomd: { username: ${yamlScalar(options.username)}, password: ${JSON.stringify(options.passwordReference)} }`,
    '',
    'defaults:',
    '  credentials: roomd',
    ...(options.tls === 'pin' ? [] : [`  tls: ${options.tls}`]),
    ...(zone === null ? [] : [`  timezone: ${yamlScalar(zone)}`]),
    ...configurationLines(factored.defaults, 2),
    ...profileLines(factored),
    '',
    'devices:',
    ...devices.flatMap((device, at) =>
      deviceLines(device, factored, {
        zone,
        tls: options.tls,
        asHidden: sameHidden(device, devices.slice(0, at)),
      }),
    ),
    ...failureLines(rows),
    '',
  ].join('\n');
}

function factorDevice({ name, identity, held, kept }: AdoptedDevice): FactorDevice {
  const product = slugOf(identity.product.replace(/^Cisco\s+/i, ''));
  return { name, groups: product === '' ? [] : [product], values: held.values, kept };
}

function headLines(rows: readonly AdoptRow[], { writtenAt }: AdoptFileOptions): string[] {
  const read = rows.filter(({ device }) => device !== null);
  const unknown = read.some(({ device }) => device?.defaultsKnown === false);
  return [
    `# ${read.length} of ${rows.length} ${rows.length === 1 ? 'device' : 'devices'} as roomd adopt read them, ${timeText(writtenAt)}.`,
    '# roomd plan shows what has changed since; nothing is written to a device before roomd apply.',
    ...(unknown
      ? [
          '# The factory values of some devices are not known here: of those, the file holds the settings',
          '# that docs/adopting.md lists. With --all it holds every one.',
        ]
      : []),
    '',
  ];
}

function profileLines({ profiles }: Factored): string[] {
  if (profiles.length === 0) return [];
  return [
    '',
    'profiles:',
    ...profiles.flatMap(({ name, members, settings }) => [
      `  # ${members.length} devices`,
      `  ${yamlKey(name)}:`,
      ...configurationLines(settings, 4),
    ]),
  ];
}

function deviceLines(
  device: AdoptedDevice,
  { devices }: Factored,
  { zone, tls, asHidden }: { zone: string | null; tls: AdoptFileOptions['tls']; asHidden: string | null },
): string[] {
  const { name, target, kind, fingerprint256, timezone } = device;
  const { profiles = [], settings = new Map<PathText, string>() } = devices.get(name) ?? {};
  const tags = Object.entries(target.tags).map(([tag, value]) => `${yamlKey(tag)}: ${yamlScalar(value)}`);
  return [
    ...seenLines(device, asHidden).map((line) => `  # ${yamlComment(line, 2_000)}`),
    `  - name: ${yamlScalar(name)}`,
    `    host: ${JSON.stringify(addressOf(target))}`,
    ...(kind === null ? [] : [`    kind: ${kind}`]),
    ...(tls !== 'pin' || fingerprint256 === null ? [] : [`    tls: { pin: "SHA256:${fingerprint256}" }`]),
    ...(timezone === zone ? [] : [`    timezone: ${yamlScalar(timezone ?? 'UTC')}`]),
    ...(profiles.length === 0
      ? []
      : [`    profiles: [${profiles.map((profile) => yamlScalar(profile)).join(', ')}]`]),
    ...(tags.length === 0 ? [] : [`    tags: { ${tags.join(', ')} }`]),
    ...configurationLines(settings, 4),
  ];
}

/** An earlier device that hides the same settings, so that they are named once; null where there is none. */
function sameHidden({ held }: AdoptedDevice, before: readonly AdoptedDevice[]): string | null {
  if (held.hidden.length === 0) return null;
  const list = held.hidden.join('\n');
  return before.find((other) => other.held.hidden.join('\n') === list)?.name ?? null;
}

/** What was met at the address, and what of it the file does not hold. */
function seenLines(
  { identity, held, content, readAt, timezone }: AdoptedDevice,
  asHidden: string | null,
): string[] {
  const { product, software, serial } = identity;
  return [
    `${product} with ${software}, serial number ${serial}, read ${timeText(readAt)}`,
    ...(timezone === null
      ? ['the device names no time zone that is known here; schedules count in UTC']
      : []),
    ...(asHidden === null
      ? named('hidden by the device, not in this file', held.hidden)
      : [`hidden by the device, not in this file: the same settings as of ${asHidden}`]),
    ...held.unfit.map(({ path, why }) => `not in this file: ${path}: ${why}`),
    ...contentLine('panels on the device', content.panels, ({ id }) => id),
    ...contentLine('macros on the device', content.macros, ({ name, active }) =>
      active ? name : `${name} (inactive)`,
    ),
  ];
}

function contentLine<Item>(what: string, part: ContentPart<Item>, nameOf: (item: Item) => string): string[] {
  return part.read
    ? named(`${what}, not in this file`, part.items.map(nameOf))
    : [`${what} are not known: ${part.why}`];
}

function named(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length - MOST_NAMED;
  return [`${what}: ${names.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`];
}

function configurationLines(settings: ReadonlyMap<PathText, string>, indent: number): string[] {
  if (settings.size === 0) return [];
  const space = ' '.repeat(indent);
  return [
    `${space}configuration:`,
    ...[...settings]
      .sort(([a], [b]) => comparePaths(a, b))
      .map(([path, value]) => `${space}  ${yamlKey(path)}: ${yamlScalar(asText(value))}`),
  ];
}

/** A value that looks like a secret reference stands for itself. */
function asText(value: string): string {
  return value.replaceAll(/\$\{[A-Za-z]+:[^}]*\}/g, (reference) => `$${reference}`);
}

function failureLines(rows: readonly AdoptRow[]): string[] {
  const failed = rows.filter(({ device }) => device === null);
  if (failed.length === 0) return [];
  return [
    '',
    '# Not read, so not here:',
    ...failed.map(({ target, reason }) => `#   ${yamlComment(`${listed(target)}: ${reason ?? ''}`)}`),
  ];
}

/** `hall (site: oslo), 10.0.3.17`: what the list says of a device. */
function listed(target: AdoptTarget): string {
  const tags = Object.entries(target.tags).map(([tag, value]) => `${tag}: ${value}`);
  const name = target.name === null ? [] : [target.name];
  const who = [...name, ...(tags.length === 0 ? [] : [`(${tags.join(', ')})`])].join(' ');
  return [...(who === '' ? [] : [who]), addressOf(target)].join(', ');
}

/** As the file names it. */
export function addressOf({ host, port }: Pick<AdoptTarget, 'host' | 'port'>): string {
  return port === 443 ? host : `${host}:${port}`;
}

/** The time zone of most devices, the first by its name among equals. */
function commonTimezone(devices: readonly AdoptedDevice[]): string | null {
  const times = new Map<string, number>();
  for (const { timezone } of devices)
    if (timezone !== null) times.set(timezone, (times.get(timezone) ?? 0) + 1);
  const [first] = [...times].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}

function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
