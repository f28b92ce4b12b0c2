import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * The wait before attempt number `failures` + 1: doubles from `firstMs` to
 * `mostMs`, of which the upper half is random, so that a thousand devices that
 * fell together do not come back together.
 */
export function backoffMs(failures: number, options: BackoffOptions, random: Random): number {
  const ceiling = Math.min(options.mostMs, options.firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
