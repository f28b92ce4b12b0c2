import type { Response } from 'express';
import { ActionError, type ActionErrorCode } from '../actions/action.ts';
import { RoomdError } from '../lib/errors.ts';

/** RFC 9457 problem details; `code` is from docs/errors.md. */
export interface ProblemDetails {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly issues?: unknown;
}

export interface ProblemStatus {
  readonly title: string;
  /** What the API itself says with this status; 500 and 503 also come with any other code of docs/errors.md. */
  readonly codes: readonly string[];
}

export const PROBLEM_STATUS: Readonly<Record<number, ProblemStatus>> = {
  400: { title: 'Bad request', codes: ['bad-input'] },
  401: { title: 'Not signed in', codes: ['unauthenticated'] },
  403: { title: 'Not allowed', codes: ['forbidden'] },
  404: { title: 'Not found', codes: ['not-found'] },
  405: { title: 'Method not allowed', codes: ['wrong-method'] },
  409: { title: 'Not in this state', codes: ['conflict'] },
  412: { title: 'Changed since', codes: ['stale'] },
  413: { title: 'Too large', codes: ['too-large'] },
  414: { title: 'Too long', codes: ['too-large'] },
  415: { title: 'Wrong content type', codes: ['bad-input'] },
  429: { title: 'Too many requests', codes: ['too-many-requests', 'too-many-streams'] },
  500: { title: 'roomd failed', codes: ['internal'] },
  503: { title: 'Not available now', codes: ['too-many-streams'] },
};

const STATUS: Readonly<Record<ActionErrorCode, number>> = {
  'bad-input': 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
};

/** What a thrown error is to a client; what is not roomd's own says nothing of the inside. */
export function problemOf(error: unknown): ProblemDetails {
  if (error instanceof ActionError)
    return problem(STATUS[error.code], error.code, error.message, error.details['issues']);
  if (error instanceof RoomdError) return problem(error.retryable ? 503 : 500, error.code, error.message);
  return problem(500, 'internal', 'an unexpected error, written to the log');
}

export function problem(status: number, code: string, detail: string, issues?: unknown): ProblemDetails {
  return {
    type: 'about:blank',
    title: PROBLEM_STATUS[status]?.title ?? 'Error',
    status,
    code,
    detail,
    ...(issues === undefined ? {} : { issues }),
  };
}

export function sendProblem(response: Response, details: ProblemDetails): void {
  // A tag stands for an answer that was not given.
  response.removeHeader('ETag');
  const requestId = response.getHeader('X-Request-Id');
  response
    .status(details.status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...details, requestId }));
}
