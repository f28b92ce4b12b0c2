import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { bodyText, closeServer, listenLocally } from './local-server.ts';

export interface TeamsWorkflowOptions {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  /** The part of the URL that lets somebody post. */
  readonly signature?: string;
}

/** What the workflow answers instead, for the next `times` requests. */
interface WorkflowFailure {
  readonly status: number;
  readonly retryAfterSeconds?: number;
  readonly times: number;
}

export interface TeamsWorkflow {
  /** What the workflow shows for posting to; the signature is in it. */
  readonly url: string;
  /** The cards that stand in the channel, oldest first. */
  readonly cards: readonly unknown[];
  /** Why runs failed that were accepted all the same. */
  readonly failedRuns: readonly string[];
  readonly requests: () => readonly { readonly status: number; readonly bytes: number }[];
  readonly fail: (failure: WorkflowFailure) => void;
  readonly stop: () => Promise<void>;
}

/** About what a message may have, marks and all (the vendor's Teams connector). */
const MOST_MESSAGE_BYTES = 28 * 1_024;
const MOST_BODY_BYTES = 1_000_000;
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';
const PATH = '/workflows/standin/triggers/manual/paths/invoke';

/**
 * Stands in for a workflow of Microsoft Teams that takes webhook requests, on
 * 127.0.0.1: it accepts what is signed, and posts the cards afterwards, or
 * fails where nobody sees it but its owner. The words of refusals are those
 * that third parties report.
 */
export async function startTeamsWorkflow(options: TeamsWorkflowOptions = {}): Promise<TeamsWorkflow> {
  const signature = options.signature ?? 'stand-in-signature';
  const cards: unknown[] = [];
  const failedRuns: string[] = [];
  const requests: { status: number; bytes: number }[] = [];
  const failures: { status: number; retryAfterSeconds?: number; times: number }[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await bodyText(request, MOST_BODY_BYTES)) ?? '';
    const failure = failures[0];
    if (failure !== undefined) {
      failure.times -= 1;
      if (failure.times <= 0) failures.shift();
    }
    const { status, code } =
      failure === undefined ? judge(request, signature) : { ...failure, code: 'OnDemand' };
    requests.push({ status, bytes: Buffer.byteLength(body) });
    if (status === 202) run(body, { cards, failedRuns });
    const retryAfter = failure?.retryAfterSeconds;
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
    response.end(
      code === null ? undefined : JSON.stringify({ error: { code, message: `The answer is ${status}.` } }),
    );
  };
  const server = createServer((request, response) => {
    // A client that goes away in the middle of its request.
    answer(request, response).catch(() => response.destroy());
  });
  const port = await listenLocally(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}${PATH}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${encodeURIComponent(signature)}`,
    cards,
    failedRuns,
    requests: () => [...requests],
    fail: (failure) => {
      if (failure.times > 0) failures.push({ ...failure });
    },
    stop: () => closeServer(server),
  };
}

function judge(request: IncomingMessage, signature: string): { status: number; code: string | null } {
  const url = new URL(request.url ?? '/', 'http://workflow');
  if (url.pathname !== PATH) return { status: 404, code: 'WorkflowNotFound' };
  if (request.method !== 'POST') return { status: 405, code: 'MethodNotAllowed' };
  if (url.searchParams.get('sig') !== signature)
    return { status: 401, code: 'DirectApiAuthorizationRequired' };
  return { status: 202, code: null };
}

/** What happens after the 202. */
function run(body: string, channel: { cards: unknown[]; failedRuns: string[] }): void {
  const attachments = attachmentsOf(body);
  if (attachments === null) channel.failedRuns.push("'attachments' is of type 'Null'");
  else if (Buffer.byteLength(body) > MOST_MESSAGE_BYTES) channel.failedRuns.push('RequestEntityTooLarge');
  else if (attachments.some(({ contentType }) => contentType !== CARD_TYPE))
    channel.failedRuns.push('an attachment is no Adaptive Card');
  else channel.cards.push(...attachments.map(({ content }) => content));
}

function attachmentsOf(body: string): { contentType?: unknown; content?: unknown }[] | null {
  try {
    const message: unknown = JSON.parse(body);
    if (typeof message !== 'object' || message === null || !('attachments' in message)) return null;
    return Array.isArray(message.attachments) ? message.attachments : null;
  } catch {
    return null;
  }
}
