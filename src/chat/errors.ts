import { RoomdError } from '../lib/errors.ts';

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | no-bot | the file has no `chat:`, or the bot is not connected | no |
 * | no-space | the notifier is no Webex space or person | no |
 * | not-ours | somebody else made the space, so roomd does not take it away | no |
 */
export type ChatErrorCode = 'no-bot' | 'no-space' | 'not-ours';

export class ChatError extends RoomdError<ChatErrorCode> {}
