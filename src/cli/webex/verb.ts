import type { WebexClient } from '../../integrations/webex-messaging/client.ts';
import type { Secret } from '../../lib/secret.ts';

/** What was written behind a verb. */
export interface Given {
  readonly args: readonly string[];
  /** By their names in camel case; one that takes no value is true. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly signal: AbortSignal;
  /** The bytes of a file that was named. */
  readonly readFile: (path: string) => Promise<Buffer>;
  /** What a reference such as `${env:NAME}` stands for. */
  readonly secret: (reference: string) => Promise<Secret>;
}

/** One verb of a resource on the command line. */
export interface WebexVerb {
  /** As commander reads it: `get <id>`. */
  readonly use: string;
  readonly description: string;
  /** Flags and what they mean. */
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Flags that must be given. */
  readonly needed?: readonly (readonly [flags: string, description: string])[];
  /** Whether it answers items. */
  readonly isList?: boolean;
  /** Items of a list, one item, or nothing. */
  readonly run: (client: WebexClient, given: Given) => AsyncIterable<object> | Promise<object | void>;
}

/** A resource's name, what it is, the columns of its tables and its verbs. */
export interface WebexResource {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly verbs: readonly WebexVerb[];
}

/** The text of an option; undefined where it was not given. */
export function textOf({ options }: Given, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The text of an option that commander insists on. */
export function neededText(given: Given, name: string): string {
  return textOf(given, name) ?? '';
}

export function flagOf({ options }: Given, name: string): boolean | undefined {
  const value = options[name];
  return typeof value === 'boolean' ? value : undefined;
}

export function idOf({ args }: Given): string {
  return args[0] ?? '';
}

/** A person by address, or else by id. */
export function whomOf(person: string): { personEmail: string } | { personId: string } {
  return person.includes('@') ? { personEmail: person } : { personId: person };
}

/** The verbs that need no more than an id, or nothing. */
export function plainVerbs(
  noun: string,
  verbs: (client: WebexClient) => {
    readonly get: (id: string, options: { signal: AbortSignal }) => Promise<object>;
    readonly delete: (id: string, options: { signal: AbortSignal }) => Promise<void>;
  },
): { get: WebexVerb; delete: WebexVerb } {
  return {
    get: {
      use: 'get <id>',
      description: `one ${noun}`,
      run: (client, given) => verbs(client).get(idOf(given), given),
    },
    delete: {
      use: 'delete <id>',
      description: `delete a ${noun}`,
      run: (client, given) => verbs(client).delete(idOf(given), given),
    },
  };
}

export const ROOM = ['--room <id>', 'the room'] as const;
