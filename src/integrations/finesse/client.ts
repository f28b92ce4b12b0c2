import type { Clock } from '../../lib/clock.ts';
import { createHttpClient, type TlsTrust } from '../../lib/http-client.ts';
import type { Logger } from '../../lib/logger.ts';
import {
  actOnDialog,
  type DialogAction,
  type DialogOutcome,
  getDialog,
  listDialogs,
  makeCall,
} from './dialogs.ts';
import { childrenNamed, fields, readAnswer } from './document.ts';
import { FinesseError } from './errors.ts';
import { type FinesseCallOptions, FinesseLink, type FinesseTimes, userPath } from './link.ts';
import type { FinesseLogin } from './login.ts';
import { listPhoneBooks, type PhoneBooks } from './phone-books.ts';
import {
  type Dialog,
  type FinesseTeam,
  type FinesseUser,
  type Queue,
  readQueue,
  readSystemInfo,
  type SystemInfo,
  type TeamMessage,
} from './schema.ts';
import { getTeam, listTeamMessages, type PostedTeamMessage, postTeamMessage } from './teams.ts';
import { type AskedState, getUser, listUsers, type StateChange, setState, signIn, signOut } from './users.ts';

const DEFAULT_PORT = 8445;
const MOST_LOG_CHARACTERS = 1_048_576;

export interface FinesseClientOptions {
  /** Such as `https://finesse1.example.com`; what stands behind host and port does not count. */
  readonly baseUrl: string;
  /** Goes before a port in `baseUrl`; 8445 where neither is given. */
  readonly port?: number;
  readonly login: FinesseLogin;
  readonly tls?: TlsTrust;
  /** `http://HOST:PORT`; straight when left out. */
  readonly proxy?: string;
  /** Host names of all nodes of the cluster, to say which to try; learnt from SystemInfo, too. */
  readonly nodes?: readonly string[];
  readonly times?: FinesseTimes;
}

/**
 * Speaks to one Finesse node as one account (cloud facts 2.1 to 2.3). Nothing
 * is tried again here. What Finesse accepts with 202 is waited for by reading,
 * see `awaitOutcome`; a secret that was refused is never sent again.
 *
 * Every method throws FinesseError, or the reason of an aborted signal.
 */
export class FinesseClient {
  readonly #link: FinesseLink;

  constructor(link: FinesseLink) {
    this.#link = link;
  }

  /** Goes on with another secret, after which one more login may be tried. */
  useLogin(login: FinesseLogin): void {
    this.#link.useLogin(login);
  }

  async systemInfo(options: FinesseCallOptions = {}): Promise<SystemInfo> {
    const { body } = await this.#link.call({ method: 'GET', path: '/SystemInfo' }, options);
    const info = readSystemInfo(readAnswer(body, 'SystemInfo', 'GET /SystemInfo'));
    this.#link.learnNodes(info.nodes);
    return info;
  }

  /** Oneself; any user for an administrator. */
  user(userId: string, options: FinesseCallOptions = {}): Promise<FinesseUser> {
    return getUser(this.#link, userId, options);
  }

  /** All users; for administrators. */
  users(options: FinesseCallOptions = {}): Promise<FinesseUser[]> {
    return listUsers(this.#link, options);
  }

  /** Signs in at an extension; the user is NOT_READY then, or keeps the state of an earlier sign-in. */
  signIn(
    user: { userId: string; extension: string },
    options: FinesseCallOptions = {},
  ): Promise<FinesseUser> {
    return signIn(this.#link, user, options);
  }

  signOut(
    user: { userId: string; reasonCodeId?: number },
    options: FinesseCallOptions = {},
  ): Promise<FinesseUser> {
    return signOut(this.#link, user, options);
  }

  /** `reasonCodeId` is the database id; NOT_READY needs it where codes are configured. */
  setState(
    asked: { userId: string; state: AskedState; reasonCodeId?: number },
    options: FinesseCallOptions = {},
  ): Promise<StateChange> {
    return setState(this.#link, asked, options);
  }

  /** The calls that a user takes part in. */
  dialogs(userId: string, options: FinesseCallOptions = {}): Promise<Dialog[]> {
    return listDialogs(this.#link, userId, options);
  }

  dialog(dialogId: string, options: FinesseCallOptions = {}): Promise<Dialog> {
    return getDialog(this.#link, dialogId, options);
  }

  /** Calls from the extension at which the client's own user is signed in; the dialog as it was first seen. */
  makeCall(
    call: { extension: string; toAddress: string },
    options: FinesseCallOptions = {},
  ): Promise<Dialog> {
    return makeCall(this.#link, call, options);
  }

  /** Acts in a dialog of the client's own user. */
  act(dialogId: string, asked: DialogAction, options: FinesseCallOptions = {}): Promise<DialogOutcome> {
    return actOnDialog(this.#link, dialogId, asked, options);
  }

  /** A team with its users; for its supervisors and administrators. */
  team(teamId: string, options: FinesseCallOptions & { withLoggedOut?: boolean } = {}): Promise<FinesseTeam> {
    return getTeam(this.#link, teamId, options);
  }

  /** The messages that are shown to a team now. */
  teamMessages(teamId: string, options: FinesseCallOptions = {}): Promise<TeamMessage[]> {
    return listTeamMessages(this.#link, teamId, options);
  }

  /** Shows at most 255 characters on the desktops of teams; for supervisors and administrators. */
  postTeamMessage(
    message: { content: string; durationSeconds: number; teamIds: readonly string[] },
    options: FinesseCallOptions = {},
  ): Promise<PostedTeamMessage> {
    return postTeamMessage(this.#link, message, options);
  }

  /** By team since 12.5; by user in earlier versions. */
  phoneBooks(
    of: { userId: string } | { teamId: string },
    options: FinesseCallOptions & { pageSize?: number } = {},
  ): Promise<PhoneBooks> {
    return listPhoneBooks(this.#link, of, options);
  }

  /** Unified CCE only. */
  async queue(queueId: string, options: FinesseCallOptions = {}): Promise<Queue> {
    const path = `/Queue/${encodeURIComponent(queueId)}`;
    const { body } = await this.#link.call({ method: 'GET', path }, options);
    return readQueue(readAnswer(body, 'Queue', `GET ${path}`));
  }

  /** The queues of a user; Unified CCE only. */
  async queues(userId: string, options: FinesseCallOptions = {}): Promise<Queue[]> {
    const path = userPath(userId, '/Queues');
    const { body } = await this.#link.call({ method: 'GET', path }, options);
    return childrenNamed(readAnswer(body, 'Queues', `GET ${path}`), 'Queue').map(readQueue);
  }

  /** Keeps a text of at most 1,048,576 characters as a log file on the server. */
  async sendClientLog(userId: string, text: string, options: FinesseCallOptions = {}): Promise<void> {
    if (text.length > MOST_LOG_CHARACTERS) {
      throw new FinesseError(
        'invalid',
        `a client log has at most ${MOST_LOG_CHARACTERS} characters, this one has ${text.length}`,
      );
    }
    const body = fields('ClientLog', { logData: text });
    await this.#link.call({ method: 'POST', path: userPath(userId, '/ClientLog'), body }, options);
  }

  /** Ends every connection. */
  close(): Promise<void> {
    return this.#link.close();
  }
}

/** A client with a connection of its own; `close` ends it. */
export function createFinesseClient(
  options: FinesseClientOptions,
  { clock, logger }: { clock: Clock; logger?: Logger },
): FinesseClient {
  const { login, nodes = [], times = {}, tls, proxy } = options;
  const url = new URL(options.baseUrl);
  if (options.port !== undefined || url.port === '') url.port = String(options.port ?? DEFAULT_PORT);
  const http = createHttpClient({
    origin: url.origin,
    connections: 1,
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
    clock,
    ...(logger === undefined ? {} : { logger }),
  });
  return new FinesseClient(new FinesseLink({ origin: url.origin, login, nodes, times }, { http, clock }));
}
