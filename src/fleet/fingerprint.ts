import { createHash } from 'node:crypto';
import { Secret } from '../lib/secret.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import type { Expanded } from './expand.ts';
import type { DesiredContent, DesiredSetting } from './fleet.ts';
import type { ReadyOverride } from './temporary.ts';

/**
 * SHA-256 over what the devices should be, at which address, and which of them
 * machines must not write to. How one logs in, tags, time zones and the order
 * of the file do not count: an approval need not be given anew for them. Time
 * does not count either: overrides are in it with their ends, also those that
 * are over, beside the settings that they return to.
 */
export function fleetFingerprint(expanded: readonly Expanded[], key: string): string {
  const hash = createHash('sha256');
  const digests = new Digests(key);
  for (const { device, lasting, overrides } of [...expanded].sort((a, b) =>
    compare(a.device.name, b.device.name),
  )) {
    const { name, host, port, protected: isProtected, content } = device;
    const { expressions, format, slot } = device.feedback;
    hash.update(
      `[${JSON.stringify([name, host.toLowerCase(), port, isProtected]).slice(1, -1)},${digests.settings(lasting)},${JSON.stringify([expressions, format, slot])}]`,
    );
    if (overrides.length > 0)
      hash.update(JSON.stringify(overrides.map((override) => digests.override(override))));
    if (content !== undefined) hash.update(digests.content(content));
  }
  return hash.digest('hex');
}

/** One digest for all that a device is given besides settings; keys and secrets count by their keyed fingerprint. */
export function contentDigest(content: DesiredContent, key: string): string {
  return createHash('sha256').update(new Digests(key).content(content)).digest('hex');
}

/** The parts of a fingerprint as texts; devices share settings and content, so each is made once. */
class Digests {
  readonly #key: string;
  readonly #settings = new Map<ReadonlyMap<PathText, DesiredSetting>, string>();
  readonly #contents = new Map<DesiredContent, string>();
  readonly #texts = new Map<string, string>();

  constructor(key: string) {
    this.#key = key;
  }

  settings(settings: ReadonlyMap<PathText, DesiredSetting>): string {
    const known = this.#settings.get(settings);
    if (known !== undefined) return known;
    const entries = [...settings.values()]
      .map((setting) => [pathKey(setting.path), this.#value(setting.value), ...driftOf(setting)] as const)
      .sort(([a], [b]) => compare(a, b));
    const text = JSON.stringify(entries);
    this.#settings.set(settings, text);
    return text;
  }

  override({ until, settings }: ReadyOverride): unknown {
    const entries = [...settings].map(([path, { value }]) => [path, this.#value(value)] as const);
    return [until, entries.sort(([a], [b]) => compare(a, b))];
  }

  content(content: DesiredContent): string {
    const known = this.#contents.get(content);
    if (known !== undefined) return known;
    const { panels, deviceMacros, branding, certificates, software, prune } = content;
    const text = JSON.stringify([
      sorted(panels.map(({ id, xml }) => [id, this.#digest(xml)])),
      sorted(deviceMacros.map(({ name, source, active }) => [name, this.#digest(source), active])),
      sorted(branding.map(({ type, base64 }) => [type, this.#digest(base64)])),
      sorted(
        certificates.map(({ kind, pem, fingerprint256, purposes }) => [
          kind,
          fingerprint256,
          this.#value(pem),
          [...purposes].sort(),
        ]),
      ),
      software === null ? null : [software.version, software.url],
      prune,
    ]);
    this.#contents.set(content, text);
    return text;
  }

  #value(value: string | Secret): unknown {
    return value instanceof Secret ? { secret: value.fingerprint(this.#key) } : value;
  }

  #digest(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const digest = createHash('sha256').update(text).digest('hex');
    this.#texts.set(text, digest);
    return digest;
  }
}

/** `correct` is what holds where nothing is said, so saying it changes nothing. */
function driftOf({ drift = 'correct' }: DesiredSetting): readonly string[] {
  return drift === 'correct' ? [] : [drift];
}

function sorted(entries: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return [...entries].sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
