import type { Action, Caller } from '../actions/action.ts';
import type { Fleet, Role } from '../fleet/fleet.ts';
import type { Deed } from './deed.ts';
import type { Command } from './parse.ts';

/** One exchange with a person: what a command needs to be carried out and answered. */
export interface Talk {
  readonly fleet: Fleet;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Performs a verb as the caller, or as another whose decision it is. @throws ActionError */
  readonly act: <Input, Output>(
    action: Action<Input, Output>,
    input: Partial<Input>,
    by?: Caller,
  ) => Promise<Output>;
  /** A word on the way, in the thread. */
  readonly say: (markdown: string) => Promise<void>;
  /** Asks whoever may act, and does it for whoever agrees; the answer, empty where nobody did. */
  readonly agreed: (text: string, yes: string, deed: Deed) => Promise<string>;
}

/** How one kind of command is carried out. */
export interface CommandOf<Kind extends Command['kind']> {
  readonly role: Role;
  /** As people write it. */
  readonly usage: string;
  readonly about: string;
  /** The answer, in Markdown; empty where there is nothing to add. @throws RoomdError, whose message is the answer then */
  run(command: Command & { readonly kind: Kind }, talk: Talk): Promise<string>;
}

/** `3 devices`, `1 device`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A list, cut where people stop reading. */
export function listed(lines: readonly string[], most = 30): string {
  const shown = lines.slice(0, most).map((line) => `- ${line}`);
  return [...shown, ...(lines.length > most ? [`- … and ${lines.length - most} more`] : [])].join('\n');
}
