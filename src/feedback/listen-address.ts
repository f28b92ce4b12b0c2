import { RoomdError } from '../lib/errors.ts';

export class ReceiverError extends RoomdError<'receiver-cannot-listen'> {}

/**
 * Takes `0.0.0.0:8443` or `[::]:8443` apart.
 * @throws ReceiverError
 */
export function readAddress(listen: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(listen);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined)
    throw new ReceiverError(
      'receiver-cannot-listen',
      `"${listen}" is no address to listen on: write daemon.feedback.listen as 0.0.0.0:8443`,
    );
  return { host, port: Number(match?.[3]) };
}

/** Why a server could not listen, for people. */
export function cannotListen(listen: string, error: NodeJS.ErrnoException): ReceiverError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another program, perhaps a roomd that runs already, listens there'
      : `it cannot be opened (${error.message})`;
  return new ReceiverError(
    'receiver-cannot-listen',
    `The webhook receiver cannot listen on ${listen}: ${why}; write another address in daemon.feedback.listen`,
    { cause: error },
  );
}
