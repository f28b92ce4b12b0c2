import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import type { NewWebhook, Webhook } from '../integrations/webex-messaging/resources/webhooks.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Secret } from '../lib/secret.ts';

/** Webhooks with such names are roomd's own: one roomd, one bot. */
const OURS = 'roomd: ';
const RESOURCES = ['messages', 'attachmentActions'] as const;

/** What is put behind the public URL, and what the listener answers at. */
export const HOOK_PATH = '/webex';

export interface WantedHooks {
  readonly publicUrl: string;
  readonly secret: Secret;
  /** Those of ours that are there are made anew: nobody knows with which secret they post. */
  readonly anew: boolean;
}

/**
 * Leaves exactly those webhooks of ours that `wanted` asks for: others go,
 * those that are missing are made, and one that the service gave up on is
 * taken up again. Null: none.
 * @throws WebexError
 */
export async function keepHooks(
  { webhooks }: Pick<WebexClient, 'webhooks'>,
  wanted: WantedHooks | null,
  options: AbortOptions,
): Promise<void> {
  const missing = new Map(wanted === null ? [] : hooksOf(wanted).map((hook) => [hook.resource, hook]));
  const held: Webhook[] = [];
  for await (const hook of webhooks.list({ max: 100 }, options)) held.push(hook);
  for (const hook of held.filter(({ name }) => name?.startsWith(OURS))) {
    const meant = missing.get(hook.resource as NewWebhook['resource']);
    if (wanted?.anew !== false || meant === undefined || hook.targetUrl !== meant.targetUrl) {
      await webhooks.delete(hook.id, options);
      continue;
    }
    missing.delete(meant.resource);
    if (hook.status === 'inactive')
      await webhooks.update(
        hook.id,
        { name: meant.name, targetUrl: meant.targetUrl, status: 'active' },
        options,
      );
  }
  for (const hook of missing.values()) await webhooks.create(hook, options);
}

function hooksOf({ publicUrl, secret }: WantedHooks): NewWebhook[] {
  return RESOURCES.map((resource) => ({
    name: `${OURS}${resource}`,
    targetUrl: publicUrl + HOOK_PATH,
    resource,
    event: 'created' as const,
    secret,
  }));
}
