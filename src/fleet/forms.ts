import { isIP } from 'node:net';
import { didYouMean } from '../lib/suggest.ts';
import type { TlsPolicy } from '../xapi/device.ts';
import { canonicalPath, PathError } from '../xapi/path.ts';

/** A text that is not what its place in the fleet file asks for, with a sentence that says what would be. */
export class Wrong {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Where something is reached or listens; an IPv6 host keeps its brackets, as in a URL. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `500ms`, `30 s`, `15m`, `2h`, `30d`, `4w` in milliseconds. */
export function readDuration(text: string): number | Wrong {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d|w)$/.exec(text.trim());
  const unit = match?.[2] as keyof typeof UNIT_MS | undefined;
  if (match === null || unit === undefined)
    return new Wrong(
      `"${text}" is no duration: write a number and a unit (ms, s, m, h, d, w), for example 15m or 30d.`,
    );
  const milliseconds = Math.round(Number(match[1]) * UNIT_MS[unit]);
  return milliseconds > 0 ? milliseconds : new Wrong('a duration must be longer than nothing.');
}

const UNIT_BYTES = { B: 1, KB: 1024, MB: 1024 * 1024 } as const;

/** `800 B`, `500KB`, `8MB` in bytes; a KB is 1,024 of them. */
export function readSize(text: string): number | Wrong {
  const match = /^(\d{1,6})\s*(B|KB|MB)$/i.exec(text.trim());
  const unit = match?.[2]?.toUpperCase() as keyof typeof UNIT_BYTES | undefined;
  if (match === null || unit === undefined)
    return new Wrong(`"${text}" is no size: write a whole number and a unit (B, KB, MB), for example 8MB.`);
  const bytes = Number(match[1]) * UNIT_BYTES[unit];
  return bytes > 0 ? bytes : new Wrong('a size must be larger than nothing.');
}

/** `10.0.3.11`, `boardroom.example.com:8443`, `[2001:db8::11]:443`; the port is 443 where none is written. */
export function readDeviceHost(text: string): HostPort | Wrong {
  if (/^\w+:\/\//.test(text) || text.includes('/'))
    return new Wrong(
      `this is a URL; write only the address and, where it is not 443, the port: 10.0.3.11:8443.`,
    );
  const read = readHostPort(text, 443);
  if (read instanceof Wrong || read.port > 0) return read;
  return new Wrong('a device cannot be reached on port 0.');
}

/** `127.0.0.1:8080`; port 0 takes any free one. */
export function readListenAddress(text: string): HostPort | Wrong {
  if (/^:?\d+$/.test(text))
    return new Wrong(
      `"${text}" is a port alone: write 127.0.0.1:${text.replace(':', '')}. For every address, write 0.0.0.0 instead.`,
    );
  return readHostPort(text, null);
}

/** An address, or a network such as `10.0.0.0/8`. */
export function readProxy(text: string): string | Wrong {
  const [address = '', length, more] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
  if (bits > 0 && isLength && more === undefined) return text;
  return new Wrong(`"${text}" is no address or network: write for example 127.0.0.1 or 10.0.0.0/8.`);
}

function readHostPort(text: string, defaultPort: number | null): HostPort | Wrong {
  if (isIP(text) === 6)
    return new Wrong(
      `an IPv6 address stands in brackets: "[${text}]" or "[${text}]:${defaultPort ?? 8080}".`,
    );
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(text);
  const host = match?.[1] ?? '';
  const wrongHost = match === null ? `"${text}" is no address with a port.` : wrongInHost(host);
  if (wrongHost !== null) return new Wrong(wrongHost);
  const portText = match?.[2];
  if (portText === undefined) {
    if (defaultPort === null) return new Wrong(`"${text}" lacks the port: write for example ${text}:8080.`);
    return { host, port: defaultPort };
  }
  if (!/^\d{1,5}$/.test(portText) || Number(portText) > 65_535)
    return new Wrong(`"${portText}" is no port: a port is a number up to 65535.`);
  return { host, port: Number(portText) };
}

function wrongInHost(host: string): string | null {
  if (host.startsWith('['))
    return isIP(host.slice(1, -1)) === 6 ? null : `"${host}" does not hold an IPv6 address.`;
  if (/^[\d.]+$/.test(host))
    return isIP(host) === 4
      ? null
      : `"${host}" is no IPv4 address: four numbers up to 255 with dots between them.`;
  if (host.length <= 253 && /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*$/.test(host))
    return null;
  return `"${host}" is neither an IP address nor a host name.`;
}

export function formatHostPort({ host, port }: HostPort): string {
  return `${host}:${port}`;
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: HostPort): boolean {
  return /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/i.test(host);
}

/** What devices post to; comes back without a trailing slash. */
export function readPublicUrl(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return new Wrong(`"${text}" is no URL: write for example https://rooms.example.com:8443.`);
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    return new Wrong('the public URL takes a scheme, a host, a port and a path, nothing else.');
  return text.replace(/\/+$/, '');
}

/** Where something is posted to; comes back without a trailing slash. */
export function readHttpUrl(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return new Wrong(`"${text}" is no URL: write for example https://hooks.example.com/roomd.`);
  if (url.username !== '' || url.password !== '')
    return new Wrong(
      'a user or password in the URL stands there for everyone to read; roomd takes none there.',
    );
  return text.replace(/\/+$/, '');
}

/** `ops@example.com` or `Room operations <ops@example.com>`. */
export function readMailbox(text: string): string | Wrong {
  const address = /^[^<>@]*<([^<>]+)>$/.exec(text.trim())?.[1] ?? text.trim();
  if (/^[^\s@<>",;:()[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(address)) return text.trim();
  return new Wrong(`"${text}" is no mail address: write for example ops@example.com.`);
}

/** An IANA time zone, `Europe/Oslo`. Offsets such as +02:00 are refused: they know no summer time. */
export function readTimezone(text: string): string | Wrong {
  if (/^[A-Za-z]/.test(text)) {
    try {
      const known = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
      return known.toLowerCase() === text.toLowerCase() ? known : text;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  const near = didYouMean(text, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  return new Wrong(`"${text}" is no time zone: write a name such as Europe/Oslo or UTC.${near}`);
}

/** `SHA256:` and 64 hex digits with or without colons; comes back as upper-case hex with colons. */
export function readFingerprint(text: string): string | Wrong {
  const digits = text.replace(/^sha-?256:/i, '').replaceAll(':', '');
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    return new Wrong(
      `"${text}" is no SHA-256 fingerprint: write SHA256: and 64 hex digits, as \`roomd trust\` shows them.`,
    );
  return (digits.toUpperCase().match(/../g) ?? []).join(':');
}

const TLS_WORDS = ['ca', 'pin', 'insecure'] as const;

export function readTlsWord(text: string): TlsPolicy | Wrong {
  if (text === 'ca') return { mode: 'ca', caFile: null };
  if (text === 'pin') return { mode: 'pin', fingerprint256: null };
  if (text === 'insecure') return { mode: 'insecure' };
  return new Wrong(
    `"${text}" is no way to trust a device: write ca, pin or insecure, or { pin: SHA256:… }, or { ca: FILE }.${didYouMean(text, TLS_WORDS)}`,
  );
}

/** `sqlite:./data/roomd.db` → `./data/roomd.db`. */
export function readDatabase(text: string): string | Wrong {
  const path = /^sqlite:(.+)$/.exec(text)?.[1];
  if (path !== undefined && !path.startsWith('//')) return path;
  return new Wrong(`"${text}" is no database: write sqlite: and a path, for example sqlite:./data/roomd.db.`);
}

export function readDeviceName(text: string): string | Wrong {
  if (text.toLowerCase() === 'all')
    return new Wrong('"all" means every device in a selector, so it cannot be the name of one.');
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  return new Wrong(
    `"${text}" cannot be a device name: it takes letters, digits, dots, dashes and underscores, begins with a letter or digit and has at most 64. The name on the screen is the setting SystemUnit.Name.`,
  );
}

export function readTagName(text: string): string | Wrong {
  if (text === 'name' || text === 'kind')
    return new Wrong(`"${text}" cannot be a tag: in a selector it means the device's own ${text}.`);
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  return new Wrong(`"${text}" cannot be a tag: it takes letters, digits, dots, dashes and underscores.`);
}

/** A feedback expression, `/Status/RoomAnalytics`. */
export function readExpression(text: string): string | Wrong {
  if (!/^\/[A-Za-z]/.test(text))
    return new Wrong(
      `"${text}" is no feedback expression: it begins with a slash, as in /Status/RoomAnalytics.`,
    );
  const [, root = '', ...rest] = text.replace(/\/+$/, '').split('/');
  const tree = root.toLowerCase();
  if (tree !== 'status' && tree !== 'event' && tree !== 'configuration')
    return new Wrong(
      `"${text}" begins with neither /Status, /Event nor /Configuration.${didYouMean(root, ['Status', 'Event', 'Configuration'])}`,
    );
  if (tree === 'status' && rest.length === 0)
    return new Wrong(
      'the whole of /Status is refused: a device would post every change of every value and slow down. Name what you need, for example /Status/RoomAnalytics and /Status/Call.',
    );
  if (Buffer.byteLength(text) > 255) return new Wrong('a feedback expression has at most 255 bytes.');
  return text;
}

/** A command's path in the canonical form; `xCommand` before it is dropped. */
export function readCommandPath(text: string): string | Wrong {
  try {
    return canonicalPath(text.replace(/^\/?xcommand[\s/.]+/i, ''));
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return new Wrong(`"${text}" is no command: write for example SystemUnit.Boot.`);
  }
}

/** A version of RoomOS or CE, as devices report it: `26.4.1`, `ce11.27.2.0`, `RoomOS 11.27.2.0`; the words before the number are dropped. */
export function readSoftwareVersion(text: string): string | Wrong {
  const number = /^(?:roomos\s*|ce\s*)?(\d+(?:\.\d+){2,}(?:\.[0-9a-f]+)?)$/i.exec(text.trim())?.[1];
  return number ?? new Wrong(`"${text}" is no software version: write for example 26.4.1 or ce11.27.2.0.`);
}

/** Where devices download from. */
export function readDownloadUrl(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '')
    return text;
  return new Wrong(`"${text}" is no URL: write for example https://files.example.com/cmterm-26.4.1.pkg.`);
}

export function readTokenHash(text: string): string | Wrong {
  if (/^scrypt:[\w+/=$.:,-]{16,}$/.test(text)) return text;
  return new Wrong(
    'this is no hash of a token: `roomd token create --print` shows it, beginning with scrypt:. A token itself must not stand in the file.',
  );
}

/** `https://board.example.com`: what browsers send as `Origin`, without path or slash. */
export function readOrigin(text: string): string | Wrong {
  const wrong = new Wrong(
    `"${text}" is not an origin: write scheme and host, such as https://board.example.com, without a path.`,
  );
  if (!URL.canParse(text)) return wrong;
  const { origin, protocol } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && origin === text ? origin : wrong;
}
