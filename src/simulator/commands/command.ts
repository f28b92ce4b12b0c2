import type { CommandSpec } from '../../schema/product-schema.ts';
import { acceptValue } from '../acceptance.ts';
import type { JsonTree } from '../node-tree.ts';

/** What a command came to; each endpoint words it in its own way. */
export type CommandOutcome =
  | {
      readonly kind: 'ok';
      readonly result: { readonly [name: string]: JsonTree };
      /** It is carried out and no reply comes. */
      readonly unanswered?: true;
    }
  | { readonly kind: 'unknown' }
  /** The account's roles do not suffice. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'missing-argument'; readonly argument: string }
  | { readonly kind: 'bad-argument'; readonly argument: string }
  | { readonly kind: 'unknown-argument'; readonly argument: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly cause?: number };

export interface CommandCall {
  readonly args: Arguments;
  /** The multiline text, empty where none came. */
  readonly body: string;
  readonly user: string;
}

export type CommandHandler = (call: CommandCall) => CommandOutcome;

/** Handlers by the command's path as the schema spells it, names joined by "/". */
export type CommandTable = Readonly<Record<string, CommandHandler>>;

export const done: CommandOutcome = { kind: 'ok', result: {} };

export function answer(result: { readonly [name: string]: JsonTree }): CommandOutcome {
  return { kind: 'ok', result };
}

export function failed(reason: string, cause?: number): CommandOutcome {
  return cause === undefined ? { kind: 'failed', reason } : { kind: 'failed', reason, cause };
}

/** The arguments of a command after the schema's checks, defaults filled in. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  text(name: string, otherwise = ''): string {
    return this.#values.get(name.toLowerCase())?.[0] ?? otherwise;
  }

  number(name: string, otherwise: number): number {
    const text = this.text(name);
    return text === '' ? otherwise : Number(text);
  }

  list(name: string): readonly string[] {
    return this.#values.get(name.toLowerCase()) ?? [];
  }
}

/** Checks arguments as the schema has them. A value repeated is a list. */
export function readArguments(
  spec: CommandSpec,
  given: Readonly<Record<string, string | readonly string[]>>,
  options: { literalsIgnoreCase: boolean },
): Arguments | CommandOutcome {
  const values = new Map<string, readonly string[]>();
  const known = new Map(spec.params.map((param) => [param.name.toLowerCase(), param] as const));
  for (const [name, value] of Object.entries(given)) {
    const param = known.get(name.toLowerCase());
    if (param === undefined) return { kind: 'unknown-argument', argument: name };
    const repeated = typeof value === 'string' ? [value] : value;
    if (repeated.length > (param.repeat ?? 1)) return { kind: 'bad-argument', argument: param.name };
    const accepted: string[] = [];
    for (const one of repeated) {
      const kept = acceptValue(param.valueSpace, one, options);
      if (kept === null) return { kind: 'bad-argument', argument: param.name };
      accepted.push(kept);
    }
    values.set(param.name.toLowerCase(), accepted);
  }
  for (const param of spec.params) {
    const key = param.name.toLowerCase();
    if (values.has(key)) continue;
    if (param.required) return { kind: 'missing-argument', argument: param.name };
    if (param.default !== null) values.set(key, [param.default]);
  }
  return new Arguments(values);
}
