import { sleep } from '../../../src/lib/abort.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { type Random, seededRandom } from '../../../src/lib/random.ts';
import type { Catalogue } from '../../../src/simulator/catalogue.ts';
import type { DeviceNews } from '../../../src/simulator/device-core.ts';
import { DeviceState } from '../../../src/simulator/device-state.ts';
import { toSocketJson, treeOf } from '../../../src/simulator/feedback-message.ts';
import { FeedbackSender } from '../../../src/simulator/feedback-sender.ts';
import type { DeviceModel } from '../../../src/simulator/model.ts';
import type { SimulatorSettings } from '../../../src/simulator/settings.ts';
import type { Outage } from './room-life.ts';
import { Noted, type Span } from './spans.ts';

/** Whoever holds the other end of a session; messages are those that a socket carries. */
export interface Peer {
  told(message: unknown): void;
  closed(reason: string): void;
}

/** Takes the body of a post; whether it is on record. */
export type Door = (deviceId: number, body: Buffer) => Promise<boolean>;

/** A silent peer is found out by its heartbeat: 10 s after the last word it is probed, twice, for 5 s each. */
const NOTICE_MS = { least: 10_000, most: 20_000 };

/** A simulated device with the two ways that lead from it to roomd, no sockets in between, and a record of when each could have told something. */
export class SimulatedRoom {
  readonly id: number;
  readonly state: DeviceState;
  /** When a post of it was answered. */
  readonly posts: number[] = [];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sender: FeedbackSender;
  readonly #connected = new Noted();
  readonly #webhook = new Noted();
  #door: Door | null = null;
  #people = 0;
  #isSessionCut = false;
  #webhookCut: 'no' | 'refuses' | 'silent' = 'no';
  #socket: Socket | null = null;

  constructor(
    options: {
      id: number;
      model: DeviceModel;
      catalogue: Catalogue;
      settings: SimulatorSettings;
      configuration: Readonly<Record<string, string>>;
    },
    { clock }: { clock: Clock },
  ) {
    const { id } = options;
    this.id = id;
    this.#clock = clock;
    this.#random = seededRandom(900 + id);
    this.state = new DeviceState(
      { ...options, serial: `FOC000${id}`, systemName: `room-${id}` },
      { clock, random: seededRandom(id) },
    );
    this.#sender = new FeedbackSender({
      state: this.state,
      clock,
      hasNetwork: () => this.state.isOn,
      transport: {
        post: (_slot, body, signal) => this.#post(body, signal),
        close: () => undefined,
      },
    });
    this.#sender.start();
    this.state.listen((news) => this.#hear(news));
  }

  /** So many are in the room from now on; a device that restarts sees them once it is back. */
  people(count: number): void {
    this.#people = count;
    if (this.state.isOn) this.state.presence.set(count);
  }

  begin({ of, isSilent }: Outage): void {
    if (of !== 'webhook') this.#isSessionCut = true;
    if (of !== 'webhook') this.#socket?.interrupted(this.#noticeMs());
    if (of !== 'session') this.#webhookCut = isSilent ? 'silent' : 'refuses';
    this.#note();
  }

  end({ of }: Outage): void {
    if (of !== 'webhook') this.#isSessionCut = false;
    if (of !== 'session') this.#webhookCut = 'no';
    this.#socket?.restored();
    this.#note();
  }

  /** Where posts go from now on; null while nobody listens. */
  open(door: Door | null): void {
    this.#door = door;
    this.#note();
  }

  /** Whether somebody who connects, or asks over a session, is answered. */
  get answers(): boolean {
    return this.state.isOn && !this.#isSessionCut;
  }

  connect(peer: Peer): { close(): void } {
    const socket = new Socket(peer, { clock: this.#clock });
    this.#socket = socket;
    this.#note();
    return {
      close: () => {
        socket.close();
        if (this.#socket === socket) this.#socket = null;
        this.#note();
      },
    };
  }

  /** When a session could have told what happens, and when a post could have. */
  couldTell(): { session: readonly Span[]; webhook: readonly Span[] } {
    const now = this.#clock.now();
    return { session: this.#connected.spans(now), webhook: this.#webhook.spans(now) };
  }

  async stop(): Promise<void> {
    this.state.stop();
    await this.#sender.stop();
  }

  #hear(news: DeviceNews): void {
    this.#note();
    if (news.kind !== 'power') {
      if (this.state.isOn)
        this.#socket?.told({
          [treeOf(news)]: toSocketJson(news, { legacy: false, ghost: 'True', eventIds: false }),
        });
      return;
    }
    if (news.on) {
      this.state.presence.set(this.#people);
      return;
    }
    this.#socket?.forgotten(this.#isSessionCut);
  }

  async #post(body: string, signal: AbortSignal): Promise<boolean> {
    if (this.#webhookCut === 'silent')
      await sleep(this.state.settings.feedbackTimeoutMs, this.#clock, { signal }).catch(() => undefined);
    if (this.#webhookCut !== 'no' || this.#door === null || signal.aborted) return false;
    const isTaken = await this.#door(this.id, Buffer.from(body));
    if (isTaken) this.posts.push(this.#clock.now());
    return isTaken;
  }

  #note(): void {
    const now = this.#clock.now();
    const isPosting = this.state.slots.list().some(({ status }) => status === 'OK');
    this.#connected.set(this.#socket?.isOpen === true && this.answers, now);
    this.#webhook.set(this.state.isOn && isPosting && this.#webhookCut === 'no' && this.#door !== null, now);
  }

  #noticeMs(): number {
    return Math.round(NOTICE_MS.least + this.#random() * (NOTICE_MS.most - NOTICE_MS.least));
  }
}

/** One connection. What is sent into a cut wire comes late if the cut is short, as TCP sends it again, and never if it is found out. */
class Socket {
  readonly #peer: Peer;
  readonly #clock: Clock;
  #late: unknown[] = [];
  #isInterrupted = false;
  #isForgotten = false;
  #callOff: () => void = () => undefined;
  isOpen = true;

  constructor(peer: Peer, { clock }: { clock: Clock }) {
    this.#peer = peer;
    this.#clock = clock;
  }

  told(message: unknown): void {
    if (!this.isOpen) return;
    if (this.#isInterrupted) this.#late.push(message);
    else this.#peer.told(message);
  }

  interrupted(noticeMs: number): void {
    if (this.#isInterrupted || !this.isOpen) return;
    this.#isInterrupted = true;
    this.#callOff = this.#clock.after(noticeMs, () => this.broken('the device answered no ping'));
  }

  /** The device restarts, and knows no connection any more; where the wire is cut, that is heard once it is not. */
  forgotten(isCut: boolean): void {
    this.#isForgotten = true;
    if (!isCut) this.broken('the device closed the connection');
  }

  restored(): void {
    if (!this.#isInterrupted || !this.isOpen) return;
    if (this.#isForgotten) {
      this.broken('the device knows no such connection');
      return;
    }
    this.#isInterrupted = false;
    this.#callOff();
    const late = this.#late;
    this.#late = [];
    for (const message of late) this.#peer.told(message);
  }

  broken(reason: string): void {
    if (!this.isOpen) return;
    this.close();
    this.#peer.closed(reason);
  }

  close(): void {
    this.isOpen = false;
    this.#callOff();
  }
}
