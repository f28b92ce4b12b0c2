import type { XmlElement } from '../../lib/xml/element.ts';
import { child, childrenNamed, nameOf, textOf } from './soap.ts';

/** A phone as AXL lists it; what was not asked for or is not set is empty. Rooms, boards and desks are phones. */
export interface CucmPhone {
  /** In upper case, without braces. */
  readonly uuid: string;
  /** `SEP` and the MAC address in upper case for a device with one. */
  readonly name: string;
  readonly description: string;
  readonly product: string;
  readonly model: string;
  readonly devicePool: string;
  readonly location: string;
  readonly protocol: string;
}

/** Elements that `listPhone` and `getPhone` are asked for, in the order in which AXL gives them. */
export const PHONE_TAGS = [
  'name',
  'description',
  'product',
  'model',
  'protocol',
  'devicePoolName',
  'locationName',
] as const;

export function readPhone(phone: XmlElement): CucmPhone {
  return {
    uuid: uuidOf(phone),
    name: textOf(phone, 'name'),
    description: textOf(phone, 'description'),
    product: textOf(phone, 'product'),
    model: textOf(phone, 'model'),
    devicePool: textOf(phone, 'devicePoolName'),
    location: textOf(phone, 'locationName'),
    protocol: textOf(phone, 'protocol'),
  };
}

/** Where a phone registered last, as the database keeps it. */
export interface CucmRegistration {
  readonly device: string;
  /** Empty where it never registered. */
  readonly lastKnownIpAddress: string;
  readonly lastKnownUcm: string;
  /** UTC milliseconds; null where it never registered. */
  readonly lastSeenAt: number | null;
  /** As Unified CM words it; empty where it says nothing. */
  readonly risStatus: string;
}

export const REGISTRATION_TAGS = [
  'device',
  'lastKnownIpAddress',
  'lastKnownUcm',
  'lastSeen',
  'risStatus',
] as const;

export function readRegistration(registration: XmlElement): CucmRegistration {
  return {
    device: textOf(registration, 'device'),
    lastKnownIpAddress: textOf(registration, 'lastKnownIpAddress'),
    lastKnownUcm: textOf(registration, 'lastKnownUcm'),
    lastSeenAt: fromSeconds(textOf(registration, 'lastSeen')),
    risStatus: textOf(registration, 'risStatus'),
  };
}

/** One row of `executeSQLQuery`, by column. */
export type CucmRow = Readonly<Record<string, string>>;

export function readRow(row: XmlElement): CucmRow {
  return Object.fromEntries(row.children.map((column) => [nameOf(column), column.text]));
}

/** What changed in the database since an earlier asking. */
export interface CucmChanges {
  /** Where to go on next time. */
  readonly next: { readonly queueId: string; readonly changeId: string };
  readonly changes: readonly {
    readonly id: string;
    /** `Phone`, `DevicePool`, … */
    readonly type: string;
    readonly uuid: string;
    readonly action: 'add' | 'update' | 'delete';
  }[];
}

const ACTIONS: Readonly<Record<string, 'add' | 'update' | 'delete'>> = { a: 'add', u: 'update', r: 'delete' };

/** Null where the queue is not told. The order of its elements does not count. */
export function readChanges(answer: XmlElement): CucmChanges | null {
  const queue = child(answer, 'queueInfo');
  if (queue === undefined) return null;
  const changes = childrenNamed(child(answer, 'changes'), 'change').map((change) => ({
    id: textOf(change, 'id'),
    type: change.attributes['type'] ?? '',
    uuid: uuidOf(change),
    action: ACTIONS[textOf(change, 'action')] ?? 'update',
  }));
  return {
    next: { queueId: textOf(queue, 'queueId'), changeId: textOf(queue, 'nextStartChangeId') },
    changes,
  };
}

/** AXL writes `{UPPER}`, change notifications and SQL write bare lower case (cloud facts 4.1). */
function uuidOf({ attributes }: XmlElement): string {
  return (attributes['uuid'] ?? '').replaceAll(/[{}]/g, '').toUpperCase();
}

export function fromSeconds(text: string): number | null {
  const seconds = Number(text);
  return text === '' || !Number.isSafeInteger(seconds) || seconds <= 0 ? null : seconds * 1000;
}
