import { z } from 'zod';
import { isLike } from '../../fleet/glob.ts';
import { type StepContext, StepError } from '../step.ts';
import { readCalls, refuseInCall } from './calls.ts';
import type { QuietCall } from './quiet-call.ts';

export function numberField(description: string, example: string) {
  return z
    .string({
      error: ({ input }) => (typeof input === 'number' ? 'put the number in quotes: "…".' : undefined),
    })
    .min(1, { error: 'it is empty.' })
    .max(150, { error: 'it is longer than 150 characters.' })
    .meta({ description, examples: [example] });
}

/** `*` in an entry of `calls.allow` stands for anything. */
export function isAllowedNumber(number: string, allow: readonly string[]): boolean {
  return allow.some((pattern) => isLike(number, pattern));
}

type OutgoingArguments = QuietCall['args'] & {
  readonly number: string;
  readonly displayName?: string | undefined;
};

/** In which words and by which command a call goes out. */
export interface Outgoing<Args> {
  readonly verb: string;
  readonly done: string;
  readonly title: string;
  readonly what: string;
  /** It takes Number and DisplayName, besides `arguments`. */
  readonly command: string;
  readonly arguments: (args: Args) => Readonly<Record<string, string>>;
}

/** A call that goes out to a number, from a room that is in none. */
export function outgoingCall<Args extends OutgoingArguments>(args: Args, how: Outgoing<Args>): QuietCall {
  const { number, displayName } = args;
  return {
    args,
    verb: how.verb,
    done: `${how.done} ${number}`,
    title: how.title,
    what: `${how.what} ${displayName ?? number}`,
    failures: { ended: `${number} did not take the call`, late: `${number} did not answer` },
    refuse: (context) => refuseInCall(context, how.verb),
    begin: (context) => send(context, args, how),
    begunAfter: (_error, context) => findCall(context, number),
  };
}

async function send<Args extends OutgoingArguments>(
  context: StepContext,
  args: Args,
  how: Outgoing<Args>,
): Promise<string> {
  const { number, displayName } = args;
  const result = await context.device.command(how.command, {
    Number: number,
    ...how.arguments(args),
    ...(displayName === undefined ? {} : { DisplayName: displayName }),
  });
  const callId = result.get('CallId') ?? (await findCall(context, number));
  if (callId === null)
    throw new StepError('failed', `the device took the ${how.verb} command but shows no call to ${number}`);
  return callId;
}

async function findCall(context: StepContext, number: string): Promise<string | null> {
  const calls = await readCalls(context);
  const ours = calls.find(
    ({ direction, remotes }) =>
      direction === 'Outgoing' &&
      remotes.some((remote) => remote.toLowerCase().includes(number.toLowerCase())),
  );
  return ours?.id ?? null;
}
