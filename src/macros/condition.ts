import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Occupancy } from '../fleet/occupancy.ts';
import { RoomdError } from '../lib/errors.ts';
import { nodes } from './condition-tree.ts';
import type { FleetFacts, MacroState, RoomRecords } from './ports.ts';
import type { TriggerFacts } from './trigger.ts';
import { type Language, WEEKDAYS } from './vocabulary.ts';

/** A condition (CEL, the Common Expression Language), read and checked once. */
export interface Condition {
  readonly text: string;
  /** What it looks at that has to be fetched for it. */
  readonly needs: Needs;
  /**
   * @throws ConditionError when it looks at something that is not known now: never an answer by chance
   */
  evaluate(facts: ConditionFacts): boolean;
}

export interface Needs {
  /** Read from the device. */
  readonly occupancy: boolean;
  /** Bookings and capacity, from the record. */
  readonly records: boolean;
  /** Counts over all devices. */
  readonly fleet: boolean;
}

/** What a step told under its name. */
export type OutputValues = Readonly<Record<string, string | number | boolean>>;

export interface ConditionFacts {
  /** Null in a run that is for the fleet as a whole. */
  readonly room: {
    readonly device: DesiredDevice;
    readonly state: MacroState;
    /** Needed where `needs.occupancy`. */
    readonly occupancy: Occupancy['state'] | null;
    /** Needed where `needs.records`. */
    readonly records: RoomRecords | null;
  } | null;
  /** Needed where `needs.fleet`. */
  readonly fleet: FleetFacts | null;
  /** The wall clock of the macro's zone; see `ZoneClock`. */
  readonly wall: number;
  readonly trigger: TriggerFacts;
  /** Of the steps that have a name and were done. */
  readonly outputs: ReadonlyMap<string, OutputValues>;
}

export class ConditionError extends RoomdError<'condition-undecided'> {}

/** Makes the condition of a text that `checkCondition` found nothing wrong with. */
export function compileCondition(text: string, { environment }: Language): Condition {
  const parsed = environment.parse(text);
  const names = new Set([...nodes(parsed.ast)].flatMap(({ op, args }) => (op === 'id' ? [args] : [])));
  return {
    text,
    needs: {
      occupancy: names.has('occupancy'),
      records: ['booking', 'bookingKnown', 'capacity'].some((name) => names.has(name)),
      fleet: names.has('fleet'),
    },
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
  const name = /^(?:Unknown variable|No such key): (\w+)$/.exec(summary)?.[1];
  if (name !== undefined) return `the condition needs ${name}, which is not known now`;
  return `the condition cannot be decided: ${summary}`;
}

function variables({ room, fleet, wall, trigger, outputs }: ConditionFacts): Record<string, unknown> {
  const local = new Date(wall);
  return {
    ...(room === null ? {} : roomVariables(room)),
    ...(fleet === null ? {} : { fleet: celValues(fleet) }),
    localTime: {
      hour: BigInt(local.getUTCHours()),
      minute: BigInt(local.getUTCMinutes()),
      weekday: WEEKDAYS[local.getUTCDay()] ?? '',
    },
    trigger,
    steps: Object.fromEntries([...outputs].map(([name, values]) => [name, celValues(values)])),
  };
}

function roomVariables({
  device,
  state,
  occupancy,
  records,
}: NonNullable<ConditionFacts['room']>): Record<string, unknown> {
  const booking = records?.booking ?? null;
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
    bookingKnown: booking !== null,
    ...(booking === null ? {} : { booking: celValues(booking) }),
    ...(records === null || records.capacity === null ? {} : { capacity: BigInt(records.capacity) }),
    sensors: state.sensors,
    tags: new Map(Object.entries(device.tags)),
    device: {
      name: device.name,
      kind: device.kind ?? 'unknown',
      site: device.tags['site'] ?? '',
      timezone: device.timezone,
    },
  };
}

/** Whole numbers are CEL's `int`; what is null is left out, as nobody knows it. */
function celValues(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values as Record<string, string | number | boolean | null>).flatMap(([name, value]) =>
      value === null ? [] : [[name, typeof value === 'number' ? BigInt(value) : value]],
    ),
  );
}
