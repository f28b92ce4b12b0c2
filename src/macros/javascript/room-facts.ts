import type { DesiredDevice } from '../../fleet/fleet.ts';
import type { ConditionFacts, Needs } from '../condition.ts';
import { WEEKDAYS } from '../vocabulary.ts';
import type { FactKind } from './protocol.ts';

/** What each question of a script has to have fetched for it. */
export const NEEDS: Readonly<Record<FactKind, Needs>> = {
  state: { occupancy: false, records: true, fleet: false },
  occupancy: { occupancy: true, records: false, fleet: false },
  fleet: { occupancy: false, records: false, fleet: true },
};

/** What a script is told of the room it runs in, once for the whole run. */
export function deviceFacts({ name, kind, tags, timezone }: DesiredDevice): Record<string, unknown> {
  return { name, kind: kind ?? 'unknown', site: tags['site'] ?? '', timezone, tags };
}

/** The answer to a question of a script: the facts of conditions, null or `unknown` where nobody knows. */
export function factsTold(kind: FactKind, facts: ConditionFacts): unknown {
  const { room, fleet, wall } = facts;
  if (kind === 'fleet') return { ...fleet, localTime: localTime(wall) };
  if (kind === 'occupancy') return room?.occupancy ?? 'unknown';
  return {
    ...room?.state,
    booking: room?.records?.booking ?? null,
    capacity: room?.records?.capacity ?? null,
    localTime: localTime(wall),
  };
}

function localTime(wall: number): { hour: number; minute: number; weekday: string } {
  const local = new Date(wall);
  return {
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: WEEKDAYS[local.getUTCDay()] ?? '',
  };
}
