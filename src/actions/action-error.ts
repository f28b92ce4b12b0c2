import { RoomdError } from '../lib/errors.ts';

/**
 * | code | HTTP | meaning |
 * |---|---|---|
 * | bad-input | 400 | the input is not what the verb takes |
 * | not-found | 404 | no such device, macro or run |
 * | forbidden | 403 | the caller's role does not suffice |
 * | conflict | 409 | not in this state; the message says why |
 * | stale | 412 | what the caller saw before has changed since |
 */
export type ActionErrorCode = 'bad-input' | 'not-found' | 'forbidden' | 'conflict' | 'stale';

export class ActionError extends RoomdError<ActionErrorCode> {}
