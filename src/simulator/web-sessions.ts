import { type DeviceCore, deviceTime } from './device-core.ts';

export interface WebSession {
  /** What `Security Session List` shows. */
  readonly id: string;
  readonly cookie: string;
  readonly user: string;
  readonly openedAt: string;
  usedAt: number;
}

const MINUTE_MS = 60_000;

/** Sessions of xmlapi with the limits of `Security Session` (SC). They do not time out by default. */
export class WebSessions {
  readonly #core: DeviceCore;
  readonly #sessions = new Map<string, WebSession>();
  #lastId = 0;
  /** Sockets that are open; counted where the setting says they are sessions. */
  sockets = 0;

  constructor(core: DeviceCore) {
    this.#core = core;
  }

  list(): WebSession[] {
    this.#expire();
    return [...this.#sessions.values()];
  }

  /** As `Security Session List` shows them, with the sockets where they count. */
  listed(): { [name: string]: string }[] {
    const sockets = this.#core.settings.socketsCountAsSessions ? this.sockets : 0;
    return [
      ...this.list().map(({ id, openedAt, user }) => ({
        Id: id,
        StartTime: openedAt,
        Type: 'WebAPI',
        UserName: user,
      })),
      ...Array.from({ length: sockets }, (_, at) => ({ Id: `ws-${at + 1}`, Type: 'WebSocket' })),
    ];
  }

  /** Opens a session, or null where the limits leave none. */
  open(user: string): WebSession | null {
    const held = this.list();
    const sockets = this.#core.settings.socketsCountAsSessions ? this.sockets : 0;
    const ofUser = held.filter((session) => session.user === user).length;
    if (held.length + sockets >= this.#limit('Security.Session.MaxTotalSessions', 30)) return null;
    if (ofUser + sockets >= this.#limit('Security.Session.MaxSessionsPerUser', 20)) return null;
    this.#lastId += 1;
    const session: WebSession = {
      id: String(this.#lastId),
      cookie: randomHex(this.#core),
      user,
      openedAt: deviceTime(this.#core.now()),
      usedAt: this.#core.monotonic(),
    };
    this.#sessions.set(session.cookie, session);
    return session;
  }

  /** The session of a cookie, which is used by this. */
  use(cookie: string): WebSession | null {
    this.#expire();
    const session = this.#sessions.get(cookie);
    if (session === undefined) return null;
    session.usedAt = this.#core.monotonic();
    return session;
  }

  end(cookie: string): boolean {
    return this.#sessions.delete(cookie);
  }

  endOf(user: string): void {
    for (const session of this.#sessions.values()) if (session.user === user) this.end(session.cookie);
  }

  terminate(id: string): boolean {
    const session = [...this.#sessions.values()].find((one) => one.id === id);
    return session !== undefined && this.end(session.cookie);
  }

  reset(): void {
    this.#sessions.clear();
  }

  #limit(path: string, otherwise: number): number {
    return Number(this.#core.configuration.get(path) ?? otherwise);
  }

  #expire(): void {
    const minutes = this.#limit('Security.Session.InactivityTimeout', 0);
    if (minutes === 0) return;
    const oldest = this.#core.monotonic() - minutes * MINUTE_MS;
    for (const session of this.#sessions.values()) if (session.usedAt < oldest) this.end(session.cookie);
  }
}

function randomHex(core: DeviceCore): string {
  let text = '';
  while (text.length < 32)
    text += Math.floor(core.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return text;
}
