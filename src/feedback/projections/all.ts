import type { Projection } from '../projection.ts';
import { bookings } from './bookings.ts';
import { calls } from './calls.ts';
import { peopleCounts } from './people-counts.ts';
import { presence } from './presence.ts';
import { sensors } from './sensors.ts';
import { spans } from './spans.ts';

/** What JSON can hold; each projection knows its own form. */
export type AnyState = object;

/** Every kind of record that is made out of the log. */
export const projections: readonly Projection<AnyState>[] = [
  presence,
  peopleCounts,
  calls,
  bookings,
  spans,
  sensors,
];
