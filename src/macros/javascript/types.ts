import { z } from 'zod';
import { STEPS, type StepName, stepOf } from '../steps/registry.ts';
import { type FieldType, WORDS } from '../vocabulary.ts';

/** What a script can import and is given, as TypeScript declarations for editors; steps as their schemas have them. */
export function macroTypes(): string {
  const steps = (Object.keys(STEPS) as StepName[]).map((name) => stepType(name));
  return CONTEXT.replace('STEPS', () => indent(steps.join('\n'), 4)).replaceAll(
    /WORDS\('([\w.]+)'\)/g,
    (_, name) => (WORDS[name] ?? []).map((word) => JSON.stringify(word)).join(' | '),
  );
}

const CONTEXT = `// What scripts of roomd's macros know. Made by \`roomd macro types\`.
declare module 'roomd' {
  /** What a script exports: export default defineMacro({ async run({ room, step }) { … } }) */
  export function defineMacro(macro: { run(context: MacroContext): unknown }): unknown;

  export interface MacroContext {
    readonly macro: string;
    readonly trigger: Trigger;
    /** There is none (null) in a macro that says \`scope: fleet\`. */
    readonly room: Room;
    readonly fleet: { state(): Promise<FleetState> };
    /** The devices of a selector, as in the fleet file: devices('site=oslo') */
    devices(selector: string): Promise<readonly Device[]>;
    /**
     * Does the same on several devices, each in its turn, some at a time (4 where it is not said, at most 64). Goes
     * on where one fails, and then rejects and names which. In a macro that says \`scope: fleet\`; none within another.
     */
    each(
      devices: readonly Device[] | Promise<readonly Device[]>,
      options: { readonly parallel?: number },
      work: (room: Room, step: Steps) => unknown,
    ): Promise<{ readonly devices: number; readonly succeeded: number; readonly failed: number }>;
    readonly step: Steps;
    /** The step of that name: await wait('30s') */
    readonly wait: Steps['wait'];
    /** A line in the record of the run; 200 of at most 1,000 characters. */
    log(...values: unknown[]): void;
  }

  /** What set the run off; what does not apply is empty. */
  export interface Trigger {
    readonly kind: WORDS('trigger.kind');
    readonly value: string;
    readonly path: string;
    readonly id: string;
    readonly by: string;
  }

  export interface Device {
    readonly name: string;
    readonly kind: WORDS('device.kind');
    /** The tag \`site\`, empty without one. */
    readonly site: string;
    readonly timezone: string;
    readonly tags: Readonly<Record<string, string>>;
  }

  export interface Room extends Device {
    /** What is known now. */
    state(): Promise<RoomState>;
    /** Read from the device now, bookings included. */
    occupancy(): Promise<WORDS('occupancy')>;
  }

  /** Null, or \`unknown\`, where nobody knows. */
  export interface RoomState {
    readonly presence: WORDS('presence');
    readonly peopleCount: number | null;
    readonly inCall: boolean | null;
    readonly callStatus: WORDS('callStatus');
    readonly standby: WORDS('standby');
    readonly sharing: boolean | null;
    readonly sensors: {
      /** °C */
      readonly temperature?: number;
      /** % */
      readonly humidity?: number;
      readonly airQuality?: number;
      /** dBA */
      readonly ambientNoise?: number;
      /** dBA */
      readonly soundLevel?: number;
    };
    readonly booking: Booking | null;
    readonly capacity: number | null;
    readonly localTime: LocalTime;
  }

  export interface Booking {
    readonly running: boolean;
    /** Of the one that runs; empty without one. */
    readonly id: string;
    readonly minutesSinceStart: number | null;
    readonly minutesLeft: number | null;
    readonly minutesUntilNext: number | null;
    /** How many of its series right before it were surely empty, in a row. */
    readonly strikes: number | null;
  }

  export interface FleetState {
    readonly devices: number;
    readonly up: number;
    readonly unreachable: number;
    /** At most 20, with commas between. */
    readonly unreachableNames: string;
    readonly inCall: number;
    readonly occupied: number;
    readonly openAlerts: number;
    readonly localTime: LocalTime;
  }

  /** On the wall clock of the macro. */
  export interface LocalTime {
    readonly hour: number;
    readonly minute: number;
    readonly weekday: WORDS('localTime.weekday');
  }

  /** What a step rejects with. */
  export interface StepError extends Error {
    readonly name: 'StepError';
    /** \`refused\`, \`failed\`, or the code of another error of roomd: docs/errors.md */
    readonly code: string;
  }

  export interface Steps {
STEPS
  }
}
`;

function stepType(name: StepName): string {
  const { schema, summary, outputs = {} } = stepOf(name);
  const node = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Node;
  const isOptional = node.type === 'object' && (node.required ?? []).length === 0;
  const told = Object.entries(outputs).map(([field, type]) => `readonly ${field}: ${FIELD_TYPES[type]};`);
  const result = told.length === 0 ? 'Record<string, never>' : `{ ${told.join(' ')} }`;
  return `/** ${summary} */\n${name}(args${isOptional ? '?' : ''}: ${typeOf(node)}): Promise<${result}>;`;
}

const FIELD_TYPES: Readonly<Record<FieldType, string>> = { string: 'string', int: 'number', bool: 'boolean' };

/** The part of JSON Schema that schemas of steps are made of. */
interface Node {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  const ways = node.anyOf ?? node.oneOf;
  if (ways !== undefined) return [...new Set(ways.map(typeOf))].join(' | ');
  if (Array.isArray(node.type)) return node.type.map((type: string) => typeOf({ type })).join(' | ');
  switch (node.type) {
    case 'object':
      return objectType(node);
    case 'array':
      return `readonly (${typeOf(node.items ?? {})})[]`;
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return node.type;
    default:
      return 'unknown';
  }
}

function objectType({ properties = {}, required = [], additionalProperties: other }: Node): string {
  const fields = Object.entries(properties).map(([name, field]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    const line = `${key}${required.includes(name) ? '' : '?'}: ${typeOf(field)};`;
    return field.description === undefined ? line : `/** ${field.description} */\n${line}`;
  });
  if (typeof other === 'object') fields.push(`[name: string]: ${typeOf(other)};`);
  return fields.length === 0 ? 'Record<string, never>' : `{\n${indent(fields.join('\n'), 2)}\n}`;
}

function indent(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
