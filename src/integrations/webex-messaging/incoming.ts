import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../../lib/secret.ts';
import { text } from './fields.ts';
import { parseJson } from './response.ts';

/**
 * A post of a webhook. Of a message it holds no text: that is read by its id
 * (cloud facts 1.4).
 */
export const WebhookPost = z.object({
  /** The webhook's. */
  id: z.string(),
  name: text,
  resource: z.string(),
  event: z.string(),
  /** Who did it. */
  actorId: text,
  data: z.looseObject({ id: z.string(), roomId: text, personId: text, personEmail: text, messageId: text }),
});
export type WebhookPost = z.infer<typeof WebhookPost>;

/**
 * The post of a webhook with `secret`, null where it is not signed with it or
 * is no such post. `signature` is the header X-Spark-Signature: the HMAC-SHA1
 * of the body's bytes as they came, in hexadecimal (cloud facts 1.4); written
 * anew, a body may have other bytes.
 */
export function readWebhookPost(
  body: Buffer,
  { signature, secret }: { signature: string | undefined; secret: Secret },
): WebhookPost | null {
  const expected = createHmac('sha1', secret.reveal()).update(body).digest();
  const given = Buffer.from(/^[0-9a-f]{40}$/i.test(signature ?? '') ? (signature ?? '') : '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return WebhookPost.safeParse(parseJson(body)).data ?? null;
}
