import { z } from 'zod';
import { Secret } from '../../../lib/secret.ts';
import type { WebexCore } from '../core.ts';
import { text } from '../fields.ts';
import { type Verbs, verbsOf } from '../resource.ts';

export const Webhook = z.object({
  id: z.string(),
  name: text,
  targetUrl: text,
  resource: text,
  event: text,
  filter: text,
  secret: z
    .string()
    .transform((given): Secret | null => new Secret(given))
    .nullable()
    .catch(null),
  /** `inactive`: the service gave up posting; an update with status `active` takes it up again. */
  status: text,
  created: text,
});
export type Webhook = z.infer<typeof Webhook>;

export interface NewWebhook {
  readonly name: string;
  readonly targetUrl: string;
  readonly resource: 'messages' | 'memberships' | 'rooms' | 'attachmentActions';
  readonly event: 'created' | 'updated' | 'deleted';
  /** For example `roomId=…`. */
  readonly filter?: string | undefined;
  /** What each post is signed with (see verifyWebhook). */
  readonly secret?: Secret | undefined;
}

export interface WebhookChange {
  readonly name: string;
  readonly targetUrl: string;
  readonly secret?: Secret | undefined;
  readonly status?: 'active' | 'inactive' | undefined;
}

export type Webhooks = Verbs<Webhook, { readonly max?: number | undefined }, NewWebhook, WebhookChange>;

/** /webhooks (cloud facts 1.4). */
export function webhooksOf(core: WebexCore): Webhooks {
  const verbs = verbsOf<Webhook, { readonly max?: number | undefined }, object, object>(core, {
    path: '/webhooks',
    item: Webhook,
  });
  return {
    ...verbs,
    create: (webhook, options) => verbs.create(revealed(webhook), options),
    update: (id, change, options) => verbs.update(id, revealed(change), options),
  };
}

function revealed({ secret, ...rest }: { readonly secret?: Secret | undefined }): object {
  return secret === undefined ? rest : { ...rest, secret: secret.reveal() };
}

export const AttachmentAction = z.object({
  id: z.string(),
  type: text,
  messageId: text,
  personId: text,
  roomId: text,
  /** What was put into the card's fields. */
  inputs: z.record(z.string(), z.unknown()).catch({}),
  created: text,
});
export type AttachmentAction = z.infer<typeof AttachmentAction>;

export type AttachmentActions = Pick<
  Verbs<
    AttachmentAction,
    never,
    {
      readonly type: 'submit';
      readonly messageId: string;
      readonly inputs: Readonly<Record<string, unknown>>;
    },
    never
  >,
  'get' | 'create'
>;

/** /attachment/actions: what was pressed on a card (cloud facts 1.4). */
export function attachmentActionsOf(core: WebexCore): AttachmentActions {
  const { get, create } = verbsOf<AttachmentAction, object, object, object>(core, {
    path: '/attachment/actions',
    item: AttachmentAction,
  });
  return { get, create };
}
