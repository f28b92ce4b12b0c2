import type { IncomingMessage } from 'node:http';
import { FeedbackError } from './errors.ts';

/** The types that devices send, and none at all: the body's first character tells XML from JSON. */
export function isAcceptedType({ headers }: IncomingMessage): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return false;
  const type = headers['content-type'];
  return type === undefined || ACCEPTED_TYPE.test(type);
}

const ACCEPTED_TYPE =
  /^\s*(?:text\/(?:xml|plain|json)|application\/(?:[\w.-]+\+)?(?:xml|json))\s*(?:;(?!.*charset=(?!\s*"?utf-?8)).*)?$/i;

/** The length that the request announces, null where it is sent in chunks. */
export function announcedLength({ headers }: IncomingMessage): number | null {
  const length = headers['content-length'];
  return length === undefined ? null : Number(length);
}

/** The sender went away, or was cut off, before the body was complete. */
export class BrokenOff extends Error {}

/**
 * Collects a body.
 * @throws FeedbackError `too-large` as soon as it passes the cap; the rest is then read and thrown away
 * @throws BrokenOff
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isSettled = false;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      isSettled = true;
      reject(new FeedbackError('too-large', `the post is larger than ${maxBytes} bytes`));
    });
    request.on('end', () => {
      isSettled = true;
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
    });
    request.on('close', () => {
      if (!isSettled) reject(new BrokenOff());
    });
  });
}
