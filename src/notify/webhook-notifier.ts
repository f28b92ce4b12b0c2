import { createHmac } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Secret } from '../lib/secret.ts';
import { type Message, type Notifier, plainText, type SendOptions, subjectOf } from './notifier.ts';
import type { JsonPoster } from './post-json.ts';

/**
 * Posts each message as JSON to a URL, signed so that the receiver can tell
 * that it comes from roomd and is not an old one replayed:
 * `roomd-signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 of
 * `SECONDS.BODY` by the shared secret (docs/alerts.md has the recipe).
 */
export class WebhookNotifier implements Notifier {
  readonly name: string;
  readonly #secret: Secret;
  readonly #poster: JsonPoster;
  readonly #clock: Clock;

  constructor(
    { name, secret }: { name: string; secret: Secret },
    { poster, clock }: { poster: JsonPoster; clock: Clock },
  ) {
    this.name = name;
    this.#secret = secret;
    this.#poster = poster;
    this.#clock = clock;
  }

  async send(message: Message, { key, signal }: SendOptions): Promise<{ receipt: string }> {
    const now = this.#clock.now();
    const body = JSON.stringify(documentOf(message, key, now));
    const seconds = Math.floor(now / 1000);
    const signature = createHmac('sha256', this.#secret.reveal()).update(`${seconds}.${body}`).digest('hex');
    const headers = { 'roomd-delivery': key, 'roomd-signature': `t=${seconds},v1=${signature}` };
    await this.#poster.post(body, headers, { signal });
    return { receipt: key };
  }
}

const EVENTS = {
  open: 'alert.opened',
  acknowledged: 'alert.acknowledged',
  resolved: 'alert.resolved',
} as const;

function documentOf(message: Message, id: string, now: number) {
  const { alert, markdown } = message;
  return {
    version: 1,
    id,
    event: alert === undefined ? 'message' : EVENTS[alert.state],
    sentAt: new Date(now).toISOString(),
    subject: subjectOf(message),
    text: plainText(message),
    markdown,
    alert:
      alert === undefined
        ? null
        : {
            ...alert,
            openedAt: new Date(alert.openedAt).toISOString(),
            resolvedAt: alert.resolvedAt === null ? null : new Date(alert.resolvedAt).toISOString(),
          },
  };
}
