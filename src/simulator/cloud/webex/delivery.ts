import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../../lib/clock.ts';
import type { WebexNews, WebexState, WebexWebhook } from './state.ts';

export interface WebexDelivery {
  readonly webhookId: string;
  readonly body: string;
  /** Null: there was no answer. */
  readonly status: number | null;
}

const POST_TIMEOUT_MS = 5_000;

/**
 * Posts news to the webhooks of those who may hear of it, signed with the
 * webhook's secret (cloud facts 1.4). A bot hears of a message in a group room
 * only where it is mentioned. A failed post is not repeated: how the service
 * does that is not published.
 */
export class WebhookDelivery {
  readonly deliveries: WebexDelivery[] = [];
  readonly #state: WebexState;
  readonly #clock: Clock;
  readonly #mostFailures: number;
  readonly #trust: { readonly ca?: string };
  readonly #underWay = new Set<Promise<void>>();

  /** After `mostFailures` posts in a row that nobody takes, a webhook is made inactive. `ca` is trusted besides none other. */
  constructor(
    options: { mostFailures: number; ca?: string | undefined },
    { state, clock }: { state: WebexState; clock: Clock },
  ) {
    this.#state = state;
    this.#clock = clock;
    this.#mostFailures = options.mostFailures;
    this.#trust = options.ca === undefined ? {} : { ca: options.ca };
  }

  /** Begins the posts of one piece of news. */
  tell(news: WebexNews): void {
    for (const webhook of this.#state.webhooks.filter((held) => concerns(held, news, this.#state))) {
      const body = JSON.stringify(postOf(webhook, news, this.#state));
      const post = this.#post(webhook, body).finally(() => this.#underWay.delete(post));
      this.#underWay.add(post);
    }
  }

  /** Resolves when no post is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #post(webhook: WebexWebhook, body: string): Promise<void> {
    const status = await this.#send(webhook, body);
    this.deliveries.push({ webhookId: webhook.id, body, status });
    const isTaken = status !== null && status >= 200 && status < 300;
    webhook.failures = isTaken ? 0 : webhook.failures + 1;
    if (webhook.failures >= this.#mostFailures) webhook.status = 'inactive';
  }

  #send({ targetUrl, secret }: WebexWebhook, body: string): Promise<number | null> {
    const signature = secret === null ? null : createHmac('sha1', secret).update(body).digest('hex');
    const send = targetUrl.startsWith('https:') ? httpsRequest : httpRequest;
    return new Promise((resolve) => {
      const request = send(targetUrl, {
        ...this.#trust,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(signature === null ? {} : { 'x-spark-signature': signature }),
        },
      });
      const callOff = this.#clock.after(POST_TIMEOUT_MS, () => request.destroy(), { unref: true });
      const settle = (status: number | null): void => {
        callOff();
        resolve(status);
      };
      request.on('response', (response) => {
        response.resume().on('end', () => settle(response.statusCode ?? null));
        response.on('error', () => settle(null));
      });
      request.on('error', () => settle(null)).on('close', () => settle(null));
      request.end(body);
    });
  }
}

function concerns(webhook: WebexWebhook, news: WebexNews, state: WebexState): boolean {
  const owner = state.personById(webhook.ownerId);
  if (owner === undefined || webhook.status !== 'active') return false;
  if (webhook.resource !== news.resource) return false;
  if (webhook.event !== news.event) return false;
  if (!state.isIn(news.visibleIn.id, owner.personId)) return false;
  const isUnmentioned = !(news.mentionedPeople ?? []).includes(owner.personId);
  if (
    owner.type === 'bot' &&
    news.resource === 'messages' &&
    news.visibleIn.type === 'group' &&
    isUnmentioned
  )
    return false;
  return [...new URLSearchParams(webhook.filter ?? '')].every(([name, value]) => {
    if (name === 'mentionedPeople')
      return (news.mentionedPeople ?? []).includes(value === 'me' ? owner.personId : value);
    return news.data[name] === value;
  });
}

function postOf(
  webhook: WebexWebhook,
  { resource, event, actorId, data }: WebexNews,
  state: WebexState,
): object {
  return {
    id: webhook.id,
    name: webhook.name,
    targetUrl: webhook.targetUrl,
    resource,
    event,
    ...(webhook.filter === null ? {} : { filter: webhook.filter }),
    orgId: state.organization.id,
    createdBy: webhook.ownerId,
    appId: 'stand-in',
    ownedBy: 'creator',
    status: webhook.status,
    created: webhook.created,
    actorId,
    data,
  };
}
