/** Messages to people that are not yet delivered, and for a while those that are. */
export interface OutboxTable {
  id: string;
  notifier: string;
  message_json: string;
  state: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  created_at: number;
  next_attempt_at: number;
  delivered_at: number | null;
  /** The service's own id of the delivered message. */
  receipt: string | null;
  last_error: string | null;
  /** The messages of one conversation are shown together; null for one that stands alone. */
  conversation: string | null;
}

/** The first message of a conversation at a notifier, by the service's own id. */
export interface ConversationTable {
  notifier: string;
  id: string;
  receipt: string;
  begun_at: number;
}

/** A card of the bot, or a question in words, that waits for one answer. */
export interface ChatCardTable {
  /** SHA-256 of its nonce. */
  key: string;
  /** `Waiting` of the chat slice. */
  waiting_json: string;
  /** Both null until the service has taken it; the message also for a question in words. */
  room_id: string | null;
  message_id: string | null;
  opened_at: number;
  expires_at: number;
}
