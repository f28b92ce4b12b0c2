import { createHmac } from 'node:crypto';
import { unreachable } from '../lib/errors.ts';
import type { IdentityForm } from '../storage/tables/records.ts';

/** How much of the identities that devices tell may be stored: as `privacy:` in the fleet file says. */
export interface Privacy {
  /** The other party of a call. */
  readonly remote: IdentityForm;
  /** Whoever booked the room. */
  readonly organizer: IdentityForm;
  /** What tells the bookings of a series. */
  readonly series: 'none' | 'hashed';
  /** The key of hashes; the same for the life of the installation. */
  readonly key: string;
}

export const NO_IDENTITIES: Privacy = { remote: 'none', organizer: 'none', series: 'none', key: '' };

export interface Identity {
  readonly value: string | null;
  readonly form: IdentityForm;
}

/** Nobody. */
export const NOBODY: Identity = { value: null, form: 'none' };

/** As much of an address (`sip:ann@example.com`, a number) as a form lets through. */
export function inForm(address: string, form: IdentityForm, key: string): Identity {
  const plain = address.trim().replace(/^(?:sips?|h323|spark|tel|mailto|webrtc|app):/i, '');
  if (plain === '') return NOBODY;
  switch (form) {
    case 'full':
      return { value: address.trim(), form };
    case 'domain': {
      const domain = /@([^@;:?/\s]+)/.exec(plain)?.[1]?.toLowerCase();
      return domain === undefined ? NOBODY : { value: domain, form };
    }
    case 'hashed':
      return {
        value: createHmac('sha256', key).update(plain.toLowerCase()).digest('hex').slice(0, HASH_LENGTH),
        form,
      };
    case 'none':
      return NOBODY;
    default:
      return unreachable(form);
  }
}

/** 80 bits: two of a million addresses fall together once in a trillion installations. */
export const HASH_LENGTH = 20;

/** Where the leaf of an address goes once it is no longer one; a replay must know in which form it was kept. */
const KEPT_AS: Readonly<Record<IdentityForm, string | null>> = {
  none: null,
  domain: 'RemoteDomain',
  hashed: 'RemoteHash',
  full: 'RemoteAddress',
};

/** The leaf that stands for an address of the other party in the log: its name and value; null where nothing may. */
export function keptRemote(address: string, { remote, key }: Privacy): [string, string] | null {
  const name = KEPT_AS[remote];
  const { value } = inForm(address, remote, key);
  return name === null || value === null ? null : [name, value];
}

/** The other party as the leaves of a call tell it; null where they do not. */
export function remoteIn(leaves: Readonly<Record<string, string>>): Identity | null {
  for (const form of ['full', 'hashed', 'domain'] as const) {
    const value = leaves[KEPT_AS[form] ?? ''];
    if (value !== undefined && value !== '') return { value, form };
  }
  return null;
}
