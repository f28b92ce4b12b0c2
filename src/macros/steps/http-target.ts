import { isIP } from 'node:net';
import { isLike } from '../../fleet/glob.ts';
import { isPrivateAddress } from '../../lib/private-address.ts';
import { StepError } from '../step.ts';
import { expandTemplate, type TemplateValues } from '../template.ts';

/** Where a request goes. */
export interface HttpTarget {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly host: string;
}

/**
 * Reads the URL of a request, whose host must stand in the file as it is: what
 * is filled in may only be part of path or query, and is encoded there.
 * @returns a sentence where it is none that may be asked
 */
export function readTarget(
  url: string,
  allow: readonly string[],
  values?: TemplateValues,
): HttpTarget | string {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
  if (authority.includes('{{')) return 'the host of a URL is written out; fill in only what comes after it.';
  const filled = values === undefined ? url : expandTemplate(url, encoded(values));
  if (!URL.canParse(filled) || authority === '')
    return 'it is no URL: write for example https://hooks.example.com/rooms.';
  const parsed = new URL(filled);
  if (parsed.username !== '' || parsed.password !== '')
    return 'a URL with a login is refused: http takes no secrets.';
  const host = hostOf(parsed.hostname);
  if (!allow.some((pattern) => isLike(host, pattern)))
    return `"${host}" is not among the hosts that macros may ask: add it to http.allow.`;
  return { origin: parsed.origin, path: `${parsed.pathname}${parsed.search}`, host };
}

/**
 * Why a connection to an address must not be made, asked when the name is
 * resolved, so that a name that changes its mind does not help. Addresses that
 * are not public are for hosts that the list names without a wildcard.
 */
export function refusalOf(host: string, allow: readonly string[]): (address: string) => StepError | null {
  const named = new Set(allow.filter((pattern) => !/[*?]/.test(pattern)).map((pattern) => hostOf(pattern)));
  return (address) =>
    named.has(host) || named.has(hostOf(address)) || !isPrivateAddress(address)
      ? null
      : new StepError(
          'refused',
          `did not ask: ${host} is ${address}, which is no public address: name the host or the address itself in http.allow, without *, where that is meant`,
        );
}

/** As URLs have it, without the brackets of IPv6 and a dot at the end. */
function hostOf(text: string): string {
  const host = text
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  return isIP(host) === 6 ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host;
}

/** Dots alone would climb in the path, encoded or not (URL Standard, dot segments). */
function encoded(values: TemplateValues): TemplateValues {
  return new Map(
    [...values].map(([name, value]) => [name, /^\.{1,2}$/.test(value) ? '' : encodeURIComponent(value)]),
  );
}
