import { messageOf } from '../../lib/errors.ts';
import { type Account, accountOf } from '../account-role.ts';
import type { DesiredDevice } from '../fleet.ts';
import { parseSelector, type Selector, select, unknownNames } from '../selector.ts';

/** What is known of a device itself without asking it. */
export interface DeviceFacts {
  /** Its ProductId text, or a vendor's code name; null: not known. */
  readonly product: string | null;
  readonly software: string | null;
  /** The account that roomd logs in with. */
  readonly account: Account;
}

/** What the database holds of a device, as it was last seen. */
export interface SeenDevice {
  readonly name: string;
  readonly product: string | null;
  readonly software: string | null;
}

/** A person's word on devices. */
export interface Assumption {
  /** Null: every device of which nothing better is known. */
  readonly selector: Selector | null;
  readonly key: (typeof KEYS)[number];
  readonly value: string;
}

const KEYS = ['product', 'software', 'role'] as const;
const ASSUMPTION = /^(?:(.+):)?\s*(product|software|role)\s*=\s*(.+)$/;

/** Reads `product=Codec Pro`, or the same for some devices only: `kind=desk:product=Desk Pro`. Every problem is a sentence. */
export function readAssumptions(
  texts: readonly string[],
  devices: readonly DesiredDevice[],
): { assumptions: readonly Assumption[]; problems: readonly string[] } {
  const assumptions: Assumption[] = [];
  const problems: string[] = [];
  for (const text of texts) {
    try {
      const read = readAssumption(text, devices);
      if (typeof read === 'string') problems.push(`"${text}" cannot be assumed: ${read}`);
      else assumptions.push(read);
    } catch (error) {
      problems.push(`"${text}" cannot be assumed: ${messageOf(error)}`);
    }
  }
  return { assumptions, problems };
}

function readAssumption(text: string, devices: readonly DesiredDevice[]): Assumption | string {
  const [, written, word, value] = ASSUMPTION.exec(text.trim()) ?? [];
  const key = KEYS.find((one) => one === word);
  if (key === undefined || value === undefined)
    return 'write product=NAME, software=VERSION or role=NAME, with SELECTOR: in front where it holds for some devices only';
  const selector = written === undefined ? null : parseSelector(written);
  const [unknown] = selector === null ? [] : unknownNames(selector, devices);
  return unknown?.message ?? { selector, key, value: value.trim() };
}

/**
 * Product, software and role of every device. A word on chosen devices wins
 * over what the database has seen, which wins over a word on all; of two words
 * the later one wins. An account has the roles of the file, else Admin, unless a word says otherwise.
 */
export function deviceFacts(
  devices: readonly DesiredDevice[],
  seen: readonly SeenDevice[],
  assumptions: readonly Assumption[],
): ReadonlyMap<string, DeviceFacts> {
  const rows = new Map(seen.map((row) => [row.name, row]));
  const general: Words = {};
  const special = new Map<string, Words>();
  for (const { selector, key, value } of assumptions) {
    if (selector === null) general[key] = value;
    else
      for (const { name } of select(selector, devices))
        special.set(name, { ...special.get(name), [key]: value });
  }
  return new Map(
    devices.map((device) => {
      const { name } = device;
      const row = rows.get(name);
      const own = special.get(name);
      const account = accountOf(device);
      const assumed = own?.role ?? general.role;
      return [
        name,
        {
          product: own?.product ?? row?.product ?? general.product ?? null,
          software: own?.software ?? row?.software ?? general.software ?? null,
          account: assumed === undefined ? account : { ...account, roles: assumed.split(/\s*;\s*/) },
        },
      ];
    }),
  );
}

type Words = { [Key in Assumption['key']]?: string };
