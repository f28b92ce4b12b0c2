import { Environment } from '@marcbachmann/cel-js';
import { CALL_WORDS, STANDBY_WORDS } from './ports.ts';

/** What the fields of an output may be: CEL types of the same names, `int` for whole numbers. */
export type FieldType = 'string' | 'int' | 'bool';

/** What each named step before a place has to tell there: `answer` → `choice` → `int`. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, FieldType>>>>;

/** Which names a text of a macro may use: those of one room, or those of a run that is for the fleet as a whole. */
export interface Scope {
  readonly hasDevice: boolean;
  readonly outputs: Outputs;
}

type Names = Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;

/** Names that every macro may use. */
const COMMON: Names = {
  localTime: { hour: 'int', minute: 'int', weekday: 'string' },
  trigger: { kind: 'string', value: 'string', path: 'string', id: 'string', by: 'string' },
  fleet: {
    devices: 'int',
    up: 'int',
    unreachable: 'int',
    unreachableNames: 'string',
    inCall: 'int',
    occupied: 'int',
    openAlerts: 'int',
  },
};

/**
 * Names of a room. A fact that is not known is left out, so that a condition
 * that depends on it is not decided rather than guessed; `callKnown`,
 * `peopleCountKnown`, `bookingKnown` and `has(sensors.humidity)` ask first.
 */
const ROOM: Names = {
  presence: 'string',
  peopleCount: 'int',
  peopleCountKnown: 'bool',
  capacity: 'int',
  inCall: 'bool',
  callKnown: 'bool',
  callStatus: 'string',
  standby: 'string',
  sharing: 'bool',
  occupancy: 'string',
  bookingKnown: 'bool',
  booking: {
    running: 'bool',
    id: 'string',
    minutesSinceStart: 'int',
    minutesLeft: 'int',
    minutesUntilNext: 'int',
    strikes: 'int',
  },
  sensors: {
    temperature: 'double',
    humidity: 'double',
    airQuality: 'double',
    ambientNoise: 'double',
    soundLevel: 'double',
  },
  tags: 'map<string, string>',
  device: { name: 'string', kind: 'string', site: 'string', timezone: 'string' },
};

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

export const TRIGGER_KINDS = [
  'schedule',
  'feedback',
  'presence',
  'booking',
  'call',
  'alert',
  'panel',
  'widget',
  'http',
  'chat',
  'card',
  'hand',
] as const;

/** The only values that some names can have. */
export const WORDS: Readonly<Record<string, readonly string[]>> = {
  presence: ['yes', 'no', 'unknown'],
  callStatus: CALL_WORDS,
  standby: STANDBY_WORDS,
  occupancy: ['busy', 'free', 'unknown'],
  'device.kind': ['board', 'room', 'desk', 'unknown'],
  'localTime.weekday': WEEKDAYS,
  'trigger.kind': TRIGGER_KINDS,
};

/** A language that texts of one scope are checked and read in; the limits keep a condition to what a person reads. */
export interface Language {
  readonly environment: Environment;
  /** Names at the top. */
  readonly names: readonly string[];
  /** Names below others: `kind` of `device.kind`. */
  readonly fields: readonly string[];
}

const LIMITS = {
  maxAstNodes: 300,
  maxDepth: 24,
  maxListElements: 100,
  maxMapEntries: 20,
  maxCallArguments: 8,
};

export function languageOf({ hasDevice, outputs }: Scope): Language {
  const names: Names = { ...(hasDevice ? ROOM : {}), ...COMMON, steps: outputs };
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS });
  for (const [name, type] of Object.entries(names)) {
    if (typeof type === 'string') environment.registerVariable(name, type);
    // The library declares its schemas mutable, and changes none.
    else environment.registerVariable({ name, schema: structuredClone(type) as Record<string, never> });
  }
  const fields = Object.values(names).flatMap((type) => (typeof type === 'string' ? [] : fieldsOf(type)));
  return { environment, names: Object.keys(names), fields };
}

function fieldsOf(type: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(type).flatMap(([name, inner]) =>
    typeof inner === 'object' && inner !== null ? [name, ...Object.keys(inner)] : [name],
  );
}

/** The language of a room's macro in which no step has a name. */
export const ROOM_LANGUAGE = languageOf({ hasDevice: true, outputs: {} });
