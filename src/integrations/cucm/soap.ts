import { messageOf } from '../../lib/errors.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import { textWithin, type XmlElement, XmlError } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import { writeXml, type XmlNode } from '../../lib/xml/writer.ts';
import { CucmError, type CucmErrorCode } from './errors.ts';

const SOAP_NAMESPACE = 'http://schemas.xmlsoap.org/soap/envelope/';

/** A SOAP 1.1 envelope around one element whose name has the prefix `ns`. */
export function envelope(namespace: string, body: XmlNode): string {
  const node: XmlNode = {
    name: 'soapenv:Envelope',
    attributes: { 'xmlns:soapenv': SOAP_NAMESPACE, 'xmlns:ns': namespace },
    children: [{ name: 'soapenv:Header' }, { name: 'soapenv:Body', children: [body] }],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>${writeXml(node)}`;
}

/**
 * What an answer says: the element within its body. Prefixes, declared or not,
 * do not count.
 * @throws CucmError for a fault, for a status that is no success, and for what is no SOAP
 */
export function answerOf(response: HttpResponse, what: string): XmlElement {
  const { status } = response;
  const body = bodyOf(response);
  const fault = body === null ? undefined : child(body, 'Fault');
  if (fault !== undefined) throw faultError(fault, { what, status });
  if (status !== 200) throw statusError(status, what);
  const [answer] = body?.children ?? [];
  if (answer !== undefined) return answer;
  throw notUnifiedCm(what, { status });
}

/** For an answer that is SOAP, but not the one to the question. */
export function notUnifiedCm(what: string, options: { status?: number; cause?: unknown } = {}): CucmError {
  return new CucmError(
    'malformed',
    `${what} was not answered with what Unified CM answers; check the URL and any proxy in between`,
    options,
  );
}

/** The name without its prefix. */
export function nameOf({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The first child of that name, whatever its prefix. */
export function child(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((one) => nameOf(one) === name);
}

export function childrenNamed(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  return parent?.children.filter((one) => nameOf(one) === name) ?? [];
}

/** The text of the first child of that name; empty where there is none. */
export function textOf(parent: XmlElement, name: string): string {
  return child(parent, name)?.text.trim() ?? '';
}

function bodyOf({ body, status }: HttpResponse): XmlElement | null {
  try {
    const { root } = readXml(body.toString('utf8'));
    return nameOf(root) === 'Envelope' ? (child(root, 'Body') ?? null) : null;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    // A page of HTML comes with 401 and its like; with 200 it is somebody else's.
    if (status !== 200) return null;
    throw notUnifiedCm(`the request (${messageOf(error)})`, { status, cause: error });
  }
}

function statusError(status: number, what: string): CucmError {
  const [code, why] = STATUSES[status] ?? otherStatus(status);
  return new CucmError(code, `${what} was answered with ${status}: ${why}`, { status });
}

const STATUSES: Readonly<Record<number, readonly [CucmErrorCode, string]>> = {
  401: ['unauthorized', 'Unified CM refuses the user or its password; nothing more is asked with them'],
  403: [
    'forbidden',
    'the user lacks a role: "Standard AXL API Access" for AXL, "Standard CCM Server Monitoring" for RISPort70',
  ],
  404: ['malformed', 'there is no such service at this URL'],
  503: ['unavailable', 'the service is busy or not running; it is tried again later'],
  // Cloud facts 4.1: reported, not seen.
  599: ['version-unsupported', 'it does not speak this version of AXL; correct the version of the system'],
};

function otherStatus(status: number): readonly [CucmErrorCode, string] {
  return status >= 500
    ? ['unavailable', 'the service cannot do it now; it is tried again later']
    : ['malformed', 'that is no answer of Unified CM; check the URL and any proxy in between'];
}

/** Cloud facts 4.1 and 4.2: axlcode -1 stands for many things, which only the sentence tells apart. */
function faultError(fault: XmlElement, { what, status }: { what: string; status: number }): CucmError {
  const detail = child(fault, 'detail');
  const axl = detail === undefined ? undefined : child(detail, 'axlError');
  const axlCode = axl === undefined ? null : textOf(axl, 'axlcode');
  const said = textOf(fault, 'faultstring') || (axl === undefined ? '' : textOf(axl, 'axlmessage'));
  const sentence = said || textWithin(fault) || 'no reason was given';
  const tooLarge = /query request too large/i.test(sentence);
  const rows = tooLarge ? /row fetch: less than (\d+)/i.exec(sentence)?.[1] : undefined;
  const code = codeOfFault({ faultCode: textOf(fault, 'faultcode'), axlCode, sentence, tooLarge });
  return new CucmError(code, `Unified CM refused ${what}: ${sentence}`, {
    status,
    axlCode,
    rows: rows === undefined ? null : Number(rows),
  });
}

function codeOfFault(fault: {
  faultCode: string;
  axlCode: string | null;
  sentence: string;
  tooLarge: boolean;
}): CucmErrorCode {
  const { faultCode, axlCode, sentence, tooLarge } = fault;
  if (tooLarge) return 'query-too-large';
  if (/maximum axl memory allocation/i.test(sentence)) return 'throttled';
  if (faultCode.endsWith('RateControl') || /exceeded allowed rate/i.test(sentence)) return 'throttled';
  if (axlCode === '5007') return 'not-found';
  return axlCode === '-239' ? 'duplicate' : 'refused';
}
