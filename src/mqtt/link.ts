import type { IClientOptions, MqttClient } from 'mqtt';
import { type AbortOptions, fanOut, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { TlsTrust } from '../lib/http-client.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import { MqttError } from './errors.ts';
import type { MqttSettings } from './mqtt-section.ts';
import { statusTopic } from './topics.ts';

/** Something that the broker passes on. */
export interface Heard {
  readonly topic: string;
  readonly text: string;
  /** It was kept by the broker and may be old. */
  readonly isRetained: boolean;
}

const CONNECT_MS = 10_000;
const END_MS = 2_000;
/** A broker that says nothing for half as long again counts as gone. */
const KEEP_ALIVE_SECONDS = 30;

/** One connection to a broker, never made anew: whoever holds it opens another. MQTT 3.1.1, which all brokers speak. */
export class Link {
  /** Aborts when the connection has ended, with a MqttError. */
  readonly ended: AbortSignal;
  readonly #client: MqttClient;
  readonly #clock: Clock;

  private constructor(client: MqttClient, ended: AbortSignal, clock: Clock) {
    this.#client = client;
    this.ended = ended;
    this.#clock = clock;
  }

  /** @throws MqttError `broker-unreachable`, `broker-refused`; the signal's reason */
  static async open(
    settings: MqttSettings,
    { trust, onHeard, clock }: { trust: TlsTrust; onHeard: (heard: Heard) => void; clock: Clock },
    { signal }: AbortOptions,
  ): Promise<Link> {
    const { connect } = await import('mqtt');
    const client = connect(settings.url, optionsOf(settings, trust));
    const ended = new AbortController();
    fanOut(ended.signal);
    // Without a listener an error would end the process; what it comes to is told by `close`.
    let failure: Error | null = null;
    client.on('error', (error) => {
      failure = error;
    });
    client.on('message', (topic, payload, { retain }) =>
      onHeard({ topic, text: payload.toString('utf8'), isRetained: retain }),
    );
    client.on('close', () =>
      ended.abort(
        new MqttError(
          'broker-lost',
          `the broker has ended the connection${failure === null ? '' : `: ${messageOf(failure)}`}`,
          {
            retryable: true,
          },
        ),
      ),
    );
    const connected = new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('close', () => reject(failureOf(failure, settings.url)));
    });
    try {
      await withDeadline(
        { what: `connecting to ${settings.url}`, afterMs: CONNECT_MS, clock, signal },
        async (within) => await untilAborted(connected, within),
      );
      return new Link(client, ended.signal, clock);
    } catch (error) {
      client.end(true);
      throw error instanceof MqttError || signal?.aborted ? error : failureOf(error, settings.url);
    }
  }

  /** Resolves once the broker has it. @throws MqttError `broker-lost` */
  async publish(topic: string, payload: string, { retain }: { retain: boolean }): Promise<void> {
    await this.#whileOpen(this.#client.publishAsync(topic, payload, { qos: 1, retain }));
  }

  /** @throws MqttError `broker-lost` */
  async subscribe(topics: readonly string[]): Promise<void> {
    await this.#whileOpen(this.#client.subscribeAsync([...topics], { qos: 1 }));
  }

  /** Says goodbye, so that the broker does not speak the last will; cuts the line where it does not answer. */
  async end(): Promise<void> {
    const goodbye = async (): Promise<void> => await this.#client.endAsync();
    await withDeadline({ what: 'leaving the broker', afterMs: END_MS, clock: this.#clock }, goodbye).catch(
      () => this.#client.end(true),
    );
  }

  /** What was handed over while the line broke would never settle by itself. */
  async #whileOpen(work: Promise<unknown>): Promise<void> {
    await untilAborted(work, this.ended);
  }
}

function optionsOf(settings: MqttSettings, trust: TlsTrust): IClientOptions {
  const { clientId, login } = settings;
  return {
    clientId,
    clean: true,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_MS,
    keepalive: KEEP_ALIVE_SECONDS,
    resubscribe: false,
    ...(login === null ? {} : { username: login.username.reveal() }),
    ...(login === null || login.password === null ? {} : { password: login.password.reveal() }),
    rejectUnauthorized: trust.mode !== 'insecure',
    ...(trust.mode === 'ca' && trust.ca !== undefined ? { ca: trust.ca } : {}),
    will: { topic: statusTopic(settings), payload: Buffer.from('offline'), qos: 1, retain: true },
  };
}

/** Return codes of CONNACK (MQTT 3.1.1, 3.2.2.3): 2 to 5 are about who comes. */
function failureOf(error: unknown, url: string): MqttError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  if (typeof code === 'number' && code >= 2 && code <= 5)
    return new MqttError('broker-refused', `${url} does not take roomd's login: ${messageOf(error)}`, {
      retryable: true,
    });
  const why = error === null ? 'the connection was closed' : messageOf(error);
  return new MqttError('broker-unreachable', `${url} cannot be reached: ${why}`, { retryable: true });
}
