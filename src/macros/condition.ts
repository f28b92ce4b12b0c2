import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Occupancy } from '../fleet/occupancy.ts';
import { RoomdError } from '../lib/errors.ts';
import { ENVIRONMENT, WEEKDAYS } from './condition-names.ts';
import { nodes } from './condition-tree.ts';
import type { MacroState } from './ports.ts';

/** A condition (CEL, the Common Expression Language), read and checked once. */
export interface Condition {
  readonly text: string;
  /** Whether it looks at the occupancy, which has to be read from the device. */
  readonly needsOccupancy: boolean;
  /**
   * @throws ConditionError when it looks at something that is not known now: never an answer by chance
   */
  evaluate(facts: ConditionFacts): boolean;
}

export interface ConditionFacts {
  readonly device: DesiredDevice;
  readonly state: MacroState;
  /** Needed where `needsOccupancy`. */
  readonly occupancy: Occupancy['state'] | null;
  /** The wall clock of the macro's zone; see `ZoneClock`. */
  readonly wall: number;
}

export class ConditionError extends RoomdError<'condition-undecided'> {}

/** Makes the condition of a text that `checkCondition` found nothing wrong with. */
export function compileCondition(text: string): Condition {
  const parsed = ENVIRONMENT.parse(text);
  return {
    text,
    needsOccupancy: [...nodes(parsed.ast)].some(({ op, args }) => op === 'id' && args === 'occupancy'),
    evaluate(facts) {
      let answer: unknown;
      try {
        answer = parsed(variables(facts));
      } catch (error) {
        throw new ConditionError('condition-undecided', undecided(error), { cause: error });
      }
      if (typeof answer !== 'boolean')
        throw new ConditionError(
          'condition-undecided',
          `the condition gave ${String(answer)}, neither true nor false`,
        );
      return answer;
    },
  };
}

function undecided(error: unknown): string {
  const summary = error instanceof Error && 'summary' in error ? String(error.summary) : String(error);
  const name = /^Unknown variable: (\w+)$/.exec(summary)?.[1];
  if (name !== undefined) return `the condition needs ${name}, which is not known now`;
  return `the condition cannot be decided: ${summary}`;
}

function variables({ device, state, occupancy, wall }: ConditionFacts): Record<string, unknown> {
  const local = new Date(wall);
  return {
    presence: state.presence,
    peopleCountKnown: state.peopleCount !== null,
    ...(state.peopleCount === null ? {} : { peopleCount: BigInt(state.peopleCount) }),
    callKnown: state.inCall !== null,
    ...(state.inCall === null ? {} : { inCall: state.inCall }),
    callStatus: state.callStatus,
    standby: state.standby,
    ...(state.sharing === null ? {} : { sharing: state.sharing }),
    ...(occupancy === null ? {} : { occupancy }),
    tags: new Map(Object.entries(device.tags)),
    device: {
      name: device.name,
      kind: device.kind ?? 'unknown',
      site: device.tags['site'] ?? '',
      timezone: device.timezone,
    },
    localTime: {
      hour: BigInt(local.getUTCHours()),
      minute: BigInt(local.getUTCMinutes()),
      weekday: WEEKDAYS[local.getUTCDay()] ?? '',
    },
  };
}
