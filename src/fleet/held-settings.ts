import { unwritable } from '../lib/xml/writer.ts';
import type { ConfigurationDocument } from '../xapi/device.ts';
import { PathError, type PathText } from '../xapi/path.ts';
import { type Account, roleRefusal } from './account-role.ts';
import type { Acceptance, AcceptedHere } from './knowledge/acceptance.ts';
import { hasControlCharacter } from './schema-forms.ts';
import { isSecretPath } from './secret-paths.ts';
import { looksMasked } from './value-check.ts';

/** What a device holds, sorted by what may be kept of it in a file. Each part is in the order of its paths. */
export interface HeldSettings {
  /** Values that a file may show and that the device takes back. */
  readonly values: ReadonlyMap<PathText, string>;
  /** Secrets: settings that the device masks, or whose value must not stand in a file. */
  readonly hidden: readonly PathText[];
  /** Values that the device holds and would not take back, or not from this account, with the reason. */
  readonly unfit: readonly UnfitSetting[];
}

export interface UnfitSetting {
  readonly path: PathText;
  readonly value: string;
  readonly why: string;
}

/**
 * Sorts a configuration as it was read.
 * @param account by whom it would be written back; null where that does not matter
 */
export function sortHeldSettings(
  { leaves, valueSpaceRefs }: Pick<ConfigurationDocument, 'leaves' | 'valueSpaceRefs'>,
  accepts: Acceptance,
  account: Account | null = null,
): HeldSettings {
  const values = new Map<PathText, string>();
  const hidden: PathText[] = [];
  const unfit: UnfitSetting[] = [];
  for (const [path, value] of [...leaves].sort(([a], [b]) => comparePaths(a, b))) {
    const here = accepts.at({ path, valueSpaceRef: valueSpaceRefs.get(path) ?? null });
    const isSecret = secrecyOf(path);
    if (isSecret instanceof PathError) unfit.push({ path, value: '', why: isSecret.message });
    else if (isSecret || isMasked(value, here)) hidden.push(path);
    else {
      const why =
        whyUnfit(value) ??
        accepts.refusal(value, here, false) ??
        (account === null ? null : roleRefusal(path, here.vendor?.roles ?? null, account));
      if (why === null) values.set(path, value);
      else unfit.push({ path, value, why });
    }
  }
  return { values, hidden, unfit };
}

/** By its look or the device's word; where the vendor says that it is hidden, an empty answer hides one. */
function isMasked(value: string, { own, vendor }: AcceptedHere): boolean {
  return own?.hidden === true || looksMasked(value) || (value === '' && vendor?.hidden === true);
}

/** By name and, within a list, by number: `Connector[2]` stands before `Connector[10]`. */
export function comparePaths(a: PathText, b: PathText): number {
  const [one, other] = [sortable(a), sortable(b)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function sortable(path: PathText): string {
  return path.toLowerCase().replace(/\[(\d+)\]/g, (_, digits: string) => `[${digits.padStart(9, '0')}]`);
}

function secrecyOf(path: PathText): boolean | PathError {
  try {
    return isSecretPath(path);
  } catch (error) {
    if (error instanceof PathError) return error;
    throw error;
  }
}

function whyUnfit(value: string): string | null {
  return hasControlCharacter(value)
    ? 'it holds a line break or another control character'
    : unwritable(value);
}
