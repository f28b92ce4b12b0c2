import { RoomdError } from '../lib/errors.ts';

/**
 * Why the body of a post cannot be taken.
 *
 * | code | meaning |
 * |---|---|
 * | malformed | neither well-formed XML nor JSON, not UTF-8, or with a DOCTYPE or entities |
 * | too-deep | nested beyond what any device posts |
 * | too-large | more bytes than the cap |
 * | not-feedback | well-formed, and not a Status, Event or Configuration post |
 */
export type FeedbackErrorCode = 'malformed' | 'too-deep' | 'too-large' | 'not-feedback';

export class FeedbackError extends RoomdError<FeedbackErrorCode> {}
