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

const STATUS: Readonly<Record<ActionErrorCode, number>> = {
  'bad-input': 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
};

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Not in this state',
  413: 'Too large',
  415: 'Wrong content type',
  429: 'Too many requests',
  500: 'roomd failed',
  503: 'Not available now',
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
    title: TITLE[status] ?? 'Error',
    status,
    code,
    detail,
    ...(issues === undefined ? {} : { issues }),
  };
}

export function sendProblem(response: Response, details: ProblemDetails): void {
  response.status(details.status).type('application/problem+json').send(JSON.stringify(details));
}
