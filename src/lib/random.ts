import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Randomness as the rest of roomd sees it: a number in [0, 1). */
export type Random = () => number;

/** Makes ids; injected, so that a test can foretell them. */
export type NewId = () => string;

/** A seeded generator (mulberry32): the same seed gives the same run. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * UUID version 7 (RFC 9562 section 5.7): ordered by making, also those of one
 * maker that fall in the same millisecond or see the clock set back (section
 * 6.2, method 1: twelve bits that count).
 */
export function uuidv7(clock: Clock): NewId {
  let lastAt = 0;
  let count = 0;
  return () => {
    const now = clock.now();
    if (now > lastAt) [lastAt, count] = [now, 0];
    else if (count < MOST_PER_MS) count += 1;
    else [lastAt, count] = [lastAt + 1, 0];
    const bytes = randomBytes(16);
    bytes.writeUIntBE(lastAt, 0, 6);
    bytes.writeUInt16BE(0x7000 | count, 6);
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
}

const MOST_PER_MS = 0xfff;
