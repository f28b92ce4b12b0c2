import type { ServerResponse } from 'node:http';
import type { FeedbackErrorCode } from './errors.ts';

/**
 * What became of a post, as it is counted. Devices take any 4xx or 5xx for a
 * failed delivery and try again (facts, section 3).
 */
export type PostResult =
  | 'stored'
  | 'ignored'
  | 'wrong-method'
  | 'wrong-token'
  | 'wrong-type'
  | 'wrong-serial'
  | FeedbackErrorCode
  | 'bad-request'
  | 'too-slow'
  | 'aborted'
  | 'busy'
  | 'held-back'
  | 'unavailable'
  | 'failed';

const STATUS: Readonly<Record<PostResult, number>> = {
  stored: 200,
  ignored: 200,
  'wrong-method': 405,
  'wrong-token': 404,
  'wrong-type': 415,
  'wrong-serial': 403,
  malformed: 400,
  'too-deep': 400,
  'too-large': 413,
  'not-feedback': 400,
  'bad-request': 400,
  'too-slow': 408,
  aborted: 400,
  busy: 503,
  'held-back': 503,
  unavailable: 503,
  failed: 500,
};

/** All that may become of a post. */
export const POST_RESULTS = Object.keys(STATUS) as readonly PostResult[];

/** Answers with the status that the result stands for, and nothing that a stranger could learn from. */
export function answer(response: ServerResponse, result: PostResult, options: { close: boolean }): void {
  const status = STATUS[result];
  response.sendDate = false;
  response.writeHead(status, {
    'Content-Length': 0,
    ...(status === 405 ? { Allow: 'POST' } : {}),
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
    ...(options.close ? { Connection: 'close' } : {}),
  });
  response.end();
}
