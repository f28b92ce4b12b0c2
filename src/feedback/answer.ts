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
  | 'unavailable';

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
};

/** Answers with the status that the result stands for, and nothing that a stranger could learn from. */
export function answer(response: ServerResponse, result: PostResult, options: { close: boolean }): void {
  const status = STATUS[result];
  response.sendDate = false;
  response.statusCode = status;
  response.setHeader('Content-Length', 0);
  if (status === 405) response.setHeader('Allow', 'POST');
  if (status === 503) response.setHeader('Retry-After', '1');
  if (options.close) response.setHeader('Connection', 'close');
  response.end();
}
