import { type AbortOptions, reasonOf } from '../../lib/abort.ts';
import { unreachable } from '../../lib/errors.ts';
import { type HttpClient, HttpClientError, type HttpResponse } from '../../lib/http-client.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Secret } from '../../lib/secret.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { CucmError } from './errors.ts';
import { answerOf, envelope } from './soap.ts';

export interface CucmLogin {
  readonly username: string;
  readonly password: Secret;
}

export interface SoapCall {
  /** As messages name it: `listPhone`. */
  readonly what: string;
  readonly path: string;
  /** The value of SOAPAction, without quotes. */
  readonly action: string;
  readonly namespace: string;
  readonly body: XmlNode;
  readonly deadlineMs: number;
}

/** AXL answers at most 8 MB of rows, which XML makes larger (cloud facts 4.1). */
const MOST_ANSWER_BYTES = 64_000_000;

/**
 * Posts SOAP documents with Basic authentication, one at a time: what runs
 * beside one another shares AXL's memory (cloud facts 4.1). After one refused login
 * nothing is sent any more: a wrong password that is tried again and again
 * locks the account for everybody who uses it. A new secret makes a new
 * transport.
 */
export class CucmTransport {
  readonly #login: CucmLogin;
  readonly #http: HttpClient;
  readonly #oneByOne = new KeyedMutex();
  #refused: CucmError | null = null;

  constructor(login: CucmLogin, { http }: { http: HttpClient }) {
    this.#login = login;
    this.#http = http;
  }

  /** @throws CucmError, or the reason of an aborted signal */
  call(call: SoapCall, options: AbortOptions = {}): Promise<XmlElement> {
    return this.#oneByOne.run('all', () => this.#exchange(call, options));
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #exchange(call: SoapCall, options: AbortOptions): Promise<XmlElement> {
    options.signal?.throwIfAborted();
    if (this.#refused !== null) throw this.#refused;
    const response = await this.#post(call, options);
    try {
      return answerOf(response, call.what);
    } catch (error) {
      if (error instanceof CucmError && error.code === 'unauthorized') this.#refused = error;
      throw error;
    }
  }

  async #post(
    { what, path, action, namespace, body, deadlineMs }: SoapCall,
    { signal }: AbortOptions,
  ): Promise<HttpResponse> {
    const { username, password } = this.#login;
    const login = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
    try {
      return await this.#http.request({
        method: 'POST',
        path,
        headers: {
          authorization: `Basic ${login}`,
          'content-type': 'text/xml; charset=utf-8',
          soapaction: `"${action}"`,
        },
        body: envelope(namespace, body),
        deadlineMs,
        maxBytes: MOST_ANSWER_BYTES,
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw reasonOf(signal);
      throw error instanceof HttpClientError ? transportError(error, what) : error;
    }
  }
}

function transportError(error: HttpClientError, what: string): CucmError {
  const { code } = error;
  switch (code) {
    case 'unreachable':
    case 'tls':
    case 'proxy':
    case 'certificate-changed':
    case 'aborted':
      return new CucmError('unreachable', `${what} did not reach Unified CM: ${error.message}`, {
        cause: error,
      });
    case 'deadline':
      return new CucmError('deadline', `${what} was not answered in time: ${error.message}`, {
        cause: error,
      });
    case 'too-large':
      return new CucmError('malformed', `${what} was answered with too much: ${error.message}`, {
        cause: error,
      });
    default:
      return unreachable(code);
  }
}
