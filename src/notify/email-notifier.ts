import { createTransport } from 'nodemailer';
import { messageOf } from '../lib/errors.ts';
import type { Secret } from '../lib/secret.ts';
import {
  type Message,
  type Notifier,
  NotifierError,
  plainText,
  type SendOptions,
  subjectOf,
} from './notifier.ts';

export interface EmailOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `starttls`: the server must offer it; `implicit`: TLS from the first byte; `none`: in the clear. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly login: { readonly user: string; readonly password: Secret } | null;
  readonly from: string;
  readonly to: readonly string[];
}

const STEP_MS = 10_000;

/** Sends each message as a mail in plain text. The receipt is its Message-ID, which later ones of its thread refer to. */
export class EmailNotifier implements Notifier {
  readonly name: string;
  readonly #options: EmailOptions;
  readonly #transport: ReturnType<typeof transportOf>;

  constructor(options: EmailOptions) {
    this.name = options.name;
    this.#options = options;
    this.#transport = transportOf(options);
  }

  async send(message: Message, { key, signal }: SendOptions): Promise<{ receipt: string }> {
    const { from, to } = this.#options;
    const messageId = `<${key}@${domainOf(from)}>`;
    const { thread } = message;
    try {
      await this.#transport.sendMail({
        from,
        to: [...to],
        subject: subjectOf(message),
        text: plainText(message),
        messageId,
        // RFC 5322 section 3.6.4; the first message of a thread stands for all of them.
        ...(thread === undefined || thread === null ? {} : { inReplyTo: thread, references: [thread] }),
        // RFC 3834 section 5: nobody is to answer this by itself.
        headers: { 'Auto-Submitted': 'auto-generated' },
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw failure(error, this.#options);
    }
    return { receipt: messageId };
  }

  close(): void {
    this.#transport.close();
  }
}

function transportOf({ host, port, tls, login }: EmailOptions) {
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password.reveal() } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    socketTimeout: 2 * STEP_MS,
    // What is sent is text; nothing in it may make the library read a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A 5xx reply (RFC 5321 section 4.2.1) and a refused login stay as they are until a person changes something. */
function failure(error: unknown, { host, port }: EmailOptions): NotifierError {
  const { code = null, responseCode = null } = error as { code?: string; responseCode?: number };
  const isFinal = code === 'EAUTH' || code === 'ENOAUTH' || (responseCode !== null && responseCode >= 500);
  const why = messageOf(error).replaceAll(/\s+/g, ' ').trim();
  return new NotifierError(isFinal ? 'refused' : 'unavailable', `mail by ${host}:${port}: ${why}`, {
    cause: error,
  });
}

function domainOf(mailbox: string): string {
  return /@([A-Za-z0-9.-]+)/.exec(mailbox)?.[1] ?? 'roomd.invalid';
}
