import { type Random, seededRandom } from '../../lib/random.ts';
import type { StandInPhone } from './cucm-state.ts';

/** Names of products and models as Unified CM has them (cloud facts 4.1), and the load that such a device runs. */
const VIDEO = [
  'Cisco Webex Room Kit',
  'Cisco Webex Room Kit Mini',
  'Cisco Webex Room Kit Pro',
  'Cisco Webex Room 55',
  'Cisco Webex Room Bar',
  'Cisco Webex Board 55',
  'Cisco Webex Board Pro 75',
  'Cisco Webex Desk Pro',
  'Cisco Webex Desk',
] as const;
const ORDINARY = ['Cisco 8845', 'Cisco 7841'] as const;
const PLACES = ['Oslo', 'Bergen', 'London', 'Berlin'] as const;

export interface CucmSeed {
  readonly seed: number;
  readonly videoEndpoints: number;
  readonly phones?: number;
  /** The first address of a device; those of the others follow it. `10.20.0.1` where nothing is given. */
  readonly firstAddress?: string;
  /** UTC seconds. */
  readonly registeredAt?: number;
}

/** The same seed gives the same cluster: room, board and desk devices, and ordinary phones among them. */
export function seedPhones(options: CucmSeed): StandInPhone[] {
  const random = seededRandom(options.seed);
  const total = options.videoEndpoints + (options.phones ?? 0);
  return Array.from({ length: total }, (_, at) => {
    const product = pick(random, at < options.videoEndpoints ? VIDEO : ORDINARY);
    const place = pick(random, PLACES);
    const floor = 1 + Math.floor(random() * 5);
    const isVideo = at < options.videoEndpoints;
    return {
      uuid: `{${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-A${hex(random, 3)}-${hex(random, 12)}}`,
      name: `SEP02${hex(random, 6)}${(at + 1).toString(16).toUpperCase().padStart(4, '0')}`,
      description: `${place} ${floor}.${String(at + 1).padStart(3, '0')} ${isVideo ? 'room' : 'phone'}`,
      product,
      model: product,
      protocol: 'SIP',
      devicePoolName: `DP-${place}`,
      locationName: `Loc-${place}-${floor}`,
      ipAddress: nthAddress(options.firstAddress ?? '10.20.0.1', at),
      status: 'Registered',
      load: isVideo ? 'ce11.9.2.4' : 'sip88xx.14-3-1-0001-60',
      dirNumber: `${20_000 + at}-Registered`,
      node: 'cucm-pub',
      timeStamp: options.registeredAt ?? 1_700_000_000,
    };
  });
}

function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () =>
    Math.floor(random() * 16)
      .toString(16)
      .toUpperCase(),
  ).join('');
}

function nthAddress(first: string, at: number): string {
  const start = first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + at;
  return [24, 16, 8, 0].map((bits) => Math.floor(start / 2 ** bits) % 256).join('.');
}
