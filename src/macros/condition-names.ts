import { Environment } from '@marcbachmann/cel-js';
import { CALL_WORDS, STANDBY_WORDS } from './ports.ts';

/**
 * What conditions may name, and of which CEL type; whole numbers are `int`. A
 * fact that is not known is left out, so that a condition that depends on it
 * is not decided rather than guessed; `callKnown` and `peopleCountKnown` ask first.
 */
export const NAMES: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  presence: 'string',
  peopleCount: 'int',
  peopleCountKnown: 'bool',
  inCall: 'bool',
  callKnown: 'bool',
  callStatus: 'string',
  standby: 'string',
  sharing: 'bool',
  occupancy: 'string',
  tags: 'map<string, string>',
  device: { name: 'string', kind: 'string', site: 'string', timezone: 'string' },
  localTime: { hour: 'int', minute: 'int', weekday: 'string' },
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

/** The only values that some names can have. */
export const WORDS: Readonly<Record<string, readonly string[]>> = {
  presence: ['yes', 'no', 'unknown'],
  callStatus: CALL_WORDS,
  standby: STANDBY_WORDS,
  occupancy: ['busy', 'free', 'unknown'],
  'device.kind': ['board', 'room', 'desk', 'unknown'],
  'localTime.weekday': WEEKDAYS,
};

/** The language with these names declared; the limits keep a condition to what a person reads. */
export const ENVIRONMENT = declare(
  new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 300, maxDepth: 24, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 8 },
  }),
);

function declare(environment: Environment): Environment {
  for (const [name, type] of Object.entries(NAMES)) {
    if (typeof type === 'string') environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: { ...type } });
  }
  return environment;
}
