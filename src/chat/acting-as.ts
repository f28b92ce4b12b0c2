import { type Action, type Caller, perform } from '../actions/action.ts';
import type { Ports } from '../actions/ports.ts';
import type { Talk } from './talk.ts';

/** Performs verbs as somebody, or as another whose decision it is. */
export function actingAs(
  caller: Caller,
  { ports, signal }: { readonly ports: Ports; readonly signal: AbortSignal },
): Talk['act'] {
  return async <Input, Output>(action: Action<Input, Output>, input: Partial<Input>, by: Caller = caller) =>
    // `action` made this answer.
    (await perform(action, { input, caller: by, ports, signal })) as Output;
}
