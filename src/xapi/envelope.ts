import { messageOf } from '../lib/errors.ts';
import type { HttpResponse } from '../lib/http-client.ts';
import { childOf, textWithin, type XmlElement } from '../lib/xml/element.ts';
import { outlineXml, type XmlOutline } from '../lib/xml/outline.ts';
import { readXml } from '../lib/xml/reader.ts';
import { XapiError } from './errors.ts';

/** A good answer, and how many control characters had to be taken out of it. */
export interface Answer {
  /** The root element with all that lies within it, built when it is first asked for. */
  readonly root: XmlElement;
  readonly rootName: string;
  /** Null where the answer is not written plainly enough for one. */
  readonly outline: XmlOutline | null;
  readonly strippedControls: number;
}

const HTML = /^\s*(?:<!doctype\s+html|<html)/i;
const SIGN_IN = /\/web\/signin|sign[ -]?in|log[ -]?in|password/i;

/**
 * Reads what a device answered to an XML API request. HTTP 200 is not success:
 * sign-in pages, ActionError and Fault come with it too. An EmptyResult is
 * a good answer; `isEmptyResult` tells it.
 * @param what the request, as the beginning of a sentence ("GET /status.xml")
 * @throws XapiError
 */
export function readAnswer(response: HttpResponse, what: string): Answer {
  refuseStatus(response, what);
  const text = response.body.toString('utf8');
  if (HTML.test(text))
    throw new XapiError('malformed', `${what}: the answer is a web page, not XML; is this a device?`);
  const answer = parse(text, what);
  if (answer.rootName === 'ActionError')
    throw new XapiError(
      'unknown-path',
      `${what}: the device does not know the command (${reasonOf(answer.root)})`,
    );
  if (answer.rootName === 'Fault')
    throw new XapiError(
      'rejected',
      `${what}: the device cannot read the location asked for (${textWithin(answer.root)})`,
    );
  return answer;
}

/** The device's answer to a location that it does not have. */
export function isEmptyResult(root: XmlElement): boolean {
  return root.name === 'EmptyResult';
}

/**
 * The refusal in an answer of any status, null where it is none. 302 and its
 * kind to the sign-in page, and that page with 200, stand for 401 on some builds.
 */
export function loginRefusal(response: HttpResponse, what: string): XapiError | null {
  const { status } = response;
  const refused = (how: string): XapiError =>
    new XapiError('login-refused', `${what}: the device ${how}`, { details: { status } });
  if (status === 401 || status === 403) return refused(`refused the user name or password (HTTP ${status})`);
  if (isRedirect(status) && SIGN_IN.test(String(response.headers['location'] ?? '')))
    return refused('sends to its sign-in page instead of answering');
  if (status !== 200 || !HTML.test(response.body.subarray(0, 256).toString('utf8'))) return null;
  const page = response.body.subarray(0, 200_000).toString('utf8');
  return SIGN_IN.test(page) ? refused('answered with its sign-in page') : null;
}

/** Throws for every answer that is a refusal or whose status is not 200 or 204. */
export function refuseStatus(response: HttpResponse, what: string): void {
  const refusal = loginRefusal(response, what);
  if (refusal !== null) throw refusal;
  const { status } = response;
  if (status === 200 || status === 204) return;
  if (isRedirect(status))
    throw new XapiError('rejected', `${what}: the device redirects elsewhere, which is not followed`, {
      details: { status },
    });
  if (status === 503)
    throw new XapiError('busy', `${what}: the device has too much to do (HTTP 503)`, { details: { status } });
  if (status === 502 || status === 504)
    throw new XapiError(
      'not-ready',
      `${what}: the device is starting, or a proxy stands before it (HTTP ${status})`,
      {
        details: { status },
      },
    );
  if (status === 404)
    throw new XapiError('unknown-path', `${what}: the device does not have this address (HTTP 404)`, {
      details: { status },
    });
  throw new XapiError('rejected', `${what}: the device answered HTTP ${status}: ${excerpt(response)}`, {
    details: { status },
  });
}

/** The `<Reason>` of an element, or else all its text, cut to a line. */
export function reasonOf(element: XmlElement): string {
  const told = childOf(element, 'Reason') ?? childOf(element, 'Message') ?? childOf(element, 'Description');
  const text = told === undefined ? textWithin(element) : textWithin(told);
  return text === '' ? 'it gave no reason' : shorten(text);
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function parse(text: string, what: string): Answer {
  const outline = outlineXml(text);
  if (outline !== null) return new OutlinedAnswer(outline);
  try {
    const { root, strippedControls } = readXml(text);
    return { root, rootName: root.name, outline: null, strippedControls };
  } catch (error) {
    throw new XapiError('malformed', `${what}: the answer is no XML that can be read (${messageOf(error)})`, {
      cause: error,
    });
  }
}

class OutlinedAnswer implements Answer {
  readonly outline: XmlOutline;
  readonly strippedControls = 0;
  #root: XmlElement | null = null;

  constructor(outline: XmlOutline) {
    this.outline = outline;
  }

  get rootName(): string {
    return this.outline.tag(0).name;
  }

  get root(): XmlElement {
    this.#root ??= this.outline.element(0);
    return this.#root;
  }
}

function excerpt(response: HttpResponse): string {
  const text = response.body.subarray(0, 600).toString('utf8');
  return HTML.test(text) ? 'a web page' : shorten(text);
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
