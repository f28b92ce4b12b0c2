import type { Clock } from '../../lib/clock.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Secret } from '../../lib/secret.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { MeetingsError } from './errors.ts';
import { element, textAt, type XmlOperation } from './xml-document.ts';

/** How the account proves itself. A password and a token are changed for session tickets; a given ticket is used as it is. */
export type XmlCredential = {
  readonly kind: 'password' | 'token' | 'ticket';
  /** Asked whenever one is needed, so that it may be renewed behind it. */
  readonly secret: () => Promise<Secret>;
};

/** Sends one operation in a security context. */
export type Send = (security: readonly XmlNode[], operation: XmlOperation) => Promise<XmlElement>;

/** Where a ticket is dropped before it ends by itself, as its last request takes time, too. */
const MARGIN_MS = 60_000;

/**
 * The session tickets of one account (AuthenticateUser, cloud facts 3). A
 * secret that the service refused is never sent again: failed logins lock
 * accounts.
 */
export class XmlSession {
  readonly #account: readonly XmlNode[];
  readonly #credential: XmlCredential;
  readonly #clock: Clock;
  readonly #turns = new KeyedMutex();
  #held: { ticket: string; endsAt: number } | null = null;
  #refused: string | null = null;

  constructor(
    { siteName, webExId, credential }: { siteName: string; webExId: string; credential: XmlCredential },
    { clock }: { clock: Clock },
  ) {
    this.#account = [element('siteName', siteName), element('webExID', webExId)];
    this.#credential = credential;
    this.#clock = clock;
  }

  /** Sends `operation` with a ticket, once more with a new one where the service has forgotten the one at hand. */
  async send(operation: XmlOperation, send: Send): Promise<XmlElement> {
    const ticket = await this.#ticket(send);
    try {
      return await send(this.#withTicket(ticket), operation);
    } catch (error) {
      const isOver = error instanceof MeetingsError && error.exceptionId === INVALID_TICKET;
      if (!isOver || this.#credential.kind === 'ticket') throw error;
      if (this.#held?.ticket === ticket) this.#held = null;
      return send(this.#withTicket(await this.#ticket(send)), operation);
    }
  }

  async #ticket(send: Send): Promise<string> {
    const held = this.#heldTicket();
    if (held !== null) return held;
    // Not in turn: a source that hangs must not keep the others.
    const secret = await this.#credential.secret();
    if (this.#credential.kind === 'ticket') return secret.reveal();
    return this.#turns.run('login', async () => {
      const meanwhile = this.#heldTicket();
      if (meanwhile !== null) return meanwhile;
      this.#held = await this.#logIn(secret, send);
      return this.#held.ticket;
    });
  }

  #heldTicket(): string | null {
    return this.#held !== null && this.#clock.monotonic() < this.#held.endsAt ? this.#held.ticket : null;
  }

  async #logIn(secret: Secret, send: Send): Promise<{ ticket: string; endsAt: number }> {
    const text = secret.reveal();
    if (text === this.#refused) {
      throw new MeetingsError(
        'unauthorized',
        `the ${this.#credential.kind} was refused before, so nothing was sent; correct the credentials`,
        { sent: false },
      );
    }
    const isPassword = this.#credential.kind === 'password';
    try {
      const body = await send(isPassword ? [...this.#account, element('password', text)] : this.#account, {
        service: 'user',
        name: 'AuthenticateUser',
        content: isPassword ? [] : [element('accessToken', text)],
      });
      return this.#ticketOf(body);
    } catch (error) {
      if (error instanceof MeetingsError && error.code === 'unauthorized') this.#refused = text;
      throw error;
    }
  }

  #ticketOf(body: XmlElement): { ticket: string; endsAt: number } {
    const ticket = textAt(body, 'sessionTicket');
    const seconds = Number(textAt(body, 'timeToLive'));
    if (ticket === '' || Number.isNaN(seconds))
      throw new MeetingsError('malformed', 'AuthenticateUser was answered without a session ticket');
    return { ticket, endsAt: this.#clock.monotonic() + seconds * 1000 - MARGIN_MS };
  }

  #withTicket(ticket: string): readonly XmlNode[] {
    return [...this.#account, element('sessionTicket', ticket)];
  }
}

const INVALID_TICKET = '030047';
