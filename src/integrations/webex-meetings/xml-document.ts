import type { HttpResponse } from '../../lib/http-client.ts';
import { type XmlElement, XmlError } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import { writeXml, type XmlNode } from '../../lib/xml/writer.ts';
import { MeetingsError, type MeetingsErrorCode } from './errors.ts';
import { ADVICE, statusError } from './failure.ts';

/** What is asked: the service's name for it, and what stands in `bodyContent`. */
export interface XmlOperation {
  readonly service: 'meeting' | 'user';
  readonly name: string;
  readonly content: readonly XmlNode[];
}

/** An element with a text, or with children. */
export function element(name: string, content: string | readonly XmlNode[]): XmlNode {
  return typeof content === 'string' ? { name, text: content } : { name, children: content };
}

/**
 * A request. `serv` is declared, although the service and its known clients
 * pass over namespaces (cloud facts 3).
 * @throws MeetingsError `invalid` for a text that XML cannot carry
 */
export function requestDocument(security: readonly XmlNode[], operation: XmlOperation, what: string): string {
  const message: XmlNode = {
    name: 'serv:message',
    attributes: {
      'xmlns:serv': 'http://www.webex.com/schemas/2002/06/service',
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    },
    children: [
      element('header', [element('securityContext', security)]),
      element('body', [
        {
          name: 'bodyContent',
          attributes: { 'xsi:type': `java:com.webex.service.binding.${operation.service}.${operation.name}` },
          children: operation.content,
        },
      ]),
    ],
  };
  try {
    return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(message)}`;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new MeetingsError('invalid', `${what} was not sent: ${error.message}`, { cause: error });
  }
}

/**
 * The `bodyContent` of a success. Prefixes are passed over, as they differ
 * between services. The API answers 200 whatever happened: what counts is
 * `result`.
 * @throws MeetingsError; a FAILURE with its `exceptionId` and `reason`
 */
export function readAnswer(response: HttpResponse, what: string, now: number): XmlElement {
  if (response.status !== 200) throw statusError(response, what, { now, reason: null, trackingId: null });
  const root = parse(response, what);
  const said = within(root, 'header', 'response');
  const body = within(root, 'body', 'bodyContent');
  const result = said === undefined ? '' : textAt(said, 'result');
  if (said !== undefined && result === 'FAILURE') throw failureOf(said, what);
  if (result === 'SUCCESS' && body !== undefined) return body;
  throw new MeetingsError('malformed', `${what} was answered with neither SUCCESS nor FAILURE`, {
    status: 200,
  });
}

/** The first element at the end of a path of names, prefixes left out. */
export function within(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  let found: XmlElement | undefined = element;
  for (const name of path) found = found?.children.find((child) => localName(child) === name);
  return found;
}

/** The children of that name, prefixes left out. */
export function allWithin(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => localName(child) === name);
}

/** The text at the end of a path of names, trimmed; empty where there is none. */
export function textAt(element: XmlElement, ...path: readonly string[]): string {
  return within(element, ...path)?.text.trim() ?? '';
}

function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

function parse(response: HttpResponse, what: string): XmlElement {
  try {
    return readXml(response.body.toString()).root;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new MeetingsError(
      'malformed',
      `${what} was answered with what is no XML (${error.message}). ${ADVICE.malformed}`,
      { status: response.status, cause: error },
    );
  }
}

/** What the captures and clients tell of the API's numbers (cloud facts 3); any other is `invalid`. */
const CODES: ReadonlyMap<string, MeetingsErrorCode> = new Map([
  ['000001', 'forbidden'],
  ['000035', 'unavailable'],
  ['000045', 'rate-limited'],
  ['030002', 'unauthorized'],
  ['030047', 'unauthorized'],
  ['060001', 'not-found'],
]);

/** The limits of 000045 are counted by the minute. */
const RATE_LIMIT_MS = 60_000;

function failureOf(response: XmlElement, what: string): MeetingsError {
  const exceptionId = textAt(response, 'exceptionID');
  const reason = textAt(response, 'reason');
  const code = CODES.get(exceptionId) ?? 'invalid';
  return new MeetingsError(
    code,
    `${what} failed with exception ${exceptionId || 'without a number'}: ${reason || 'no reason was given'}. ${ADVICE[code]}`,
    {
      status: 200,
      exceptionId: exceptionId || null,
      reason: reason || null,
      retryAfterMs: code === 'rate-limited' ? RATE_LIMIT_MS : null,
    },
  );
}
