import {
  neededText,
  noContent,
  notAllowed,
  ok,
  page,
  textOf,
  type WebexAnswer,
  type WebexCall,
  WebexRefusal,
} from './answer.ts';
import { take, type WebexPerson, type WebexState, type WebexWebhook } from './state.ts';

const LIST_LIMITS = { most: 100, default: 100 };
/** The published enumerations, of which this stand-in tells of messages, memberships, rooms and attachmentActions. */
const RESOURCES: ReadonlySet<string> = new Set(
  'attachmentActions dataSources memberships messages rooms meetings recordings convergedRecordings meetingParticipants meetingTranscripts telephony_calls telephony_conference telephony_mwi uc_counters serviceApp adminBatchJobs'.split(
    ' ',
  ),
);
const EVENTS: ReadonlySet<string> = new Set(
  'created updated deleted started ended joined left migrated authorized deauthorized statusChanged'.split(
    ' ',
  ),
);

/** /webhooks and /webhooks/{webhookId} (cloud facts 1.4): everybody has their own. */
export function answerWebhooks(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const own = state.webhooks.filter(({ ownerId }) => ownerId === call.caller.personId);
  if (call.id === null) {
    if (method === 'GET') return page(call, LIST_LIMITS, () => ({ items: own, show: showWebhook }));
    if (method === 'POST') return create(call, state);
    throw notAllowed();
  }
  const webhook = own.find(({ id }) => id === call.id);
  if (webhook === undefined) throw new WebexRefusal(404, 'Could not find that webhook.');
  if (method === 'GET') return ok(showWebhook(webhook));
  if (method === 'PUT') return update(webhook, call.body);
  if (method !== 'DELETE') throw notAllowed();
  take(state.webhooks, webhook);
  return noContent;
}

function create({ body, caller }: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const resource = neededText(body, 'resource');
  const event = neededText(body, 'event');
  if (!RESOURCES.has(resource)) throw new WebexRefusal(400, `${resource} is no resource of webhooks.`);
  if (!EVENTS.has(event)) throw new WebexRefusal(400, `${event} is no event of webhooks.`);
  const webhook: WebexWebhook = {
    id: state.newId('WEBHOOK'),
    ownerId: caller.personId,
    name: neededText(body, 'name'),
    targetUrl: targetOf(body),
    resource,
    event,
    filter: textOf(body, 'filter'),
    secret: textOf(body, 'secret'),
    status: 'active',
    failures: 0,
    created: state.now(),
  };
  state.webhooks.push(webhook);
  return ok(showWebhook(webhook));
}

function update(webhook: WebexWebhook, body: Readonly<Record<string, unknown>>): WebexAnswer {
  const status = textOf(body, 'status');
  if (status !== null && status !== 'active' && status !== 'inactive')
    throw new WebexRefusal(400, 'status is active or inactive.');
  webhook.name = neededText(body, 'name');
  webhook.targetUrl = targetOf(body);
  webhook.secret = textOf(body, 'secret') ?? webhook.secret;
  if (status === 'active') webhook.failures = 0;
  webhook.status = status ?? webhook.status;
  return ok(showWebhook(webhook));
}

function targetOf(body: Readonly<Record<string, unknown>>): string {
  const target = neededText(body, 'targetUrl');
  if (!/^https?:/.test(target) || !URL.canParse(target)) throw new WebexRefusal(400, 'targetUrl is no URL.');
  return target;
}

/** As the service shows it, the secret included. */
function showWebhook(webhook: WebexWebhook) {
  const { ownerId: _owner, failures: _failures, filter, secret, ...rest } = webhook;
  return {
    ...rest,
    ...(filter === null ? {} : { filter }),
    ...(secret === null ? {} : { secret }),
    ownedBy: 'creator',
  };
}
