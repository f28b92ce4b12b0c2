import { escapeXml } from '../xml-writer.ts';

/** An answer of Unified CM, before it is sent. */
export interface CucmAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A refusal, as SOAP 1.1 has it: with an `axlError` where AXL speaks. */
export class CucmFault extends Error {
  readonly faultCode: string;
  readonly axl: { readonly code: string; readonly request: string } | null;

  constructor(
    sentence: string,
    options: { faultCode?: string; axl?: { code: string; request: string } | null } = {},
  ) {
    super(sentence);
    this.faultCode = options.faultCode ?? 'soapenv:Server';
    this.axl = options.axl ?? null;
  }
}

/** One element; children are written already. */
export function element(
  name: string,
  inner: string,
  attributes: Readonly<Record<string, string>> = {},
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  return `<${name}${written.join('')}>${inner}</${name}>`;
}

/** One element with a text. */
export function leaf(name: string, text: string, attributes: Readonly<Record<string, string>> = {}): string {
  return element(name, escapeXml(text), attributes);
}

export function soapAnswer(body: string, status = 200): CucmAnswer {
  return {
    status,
    contentType: 'text/xml;charset=UTF-8',
    body: `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  };
}

/** Faults come with 500 (cloud facts 4.1). */
export function faultAnswer({ message, faultCode, axl }: CucmFault): CucmAnswer {
  const code = faultCode.startsWith('ns1:')
    ? leaf('faultcode', faultCode, { 'xmlns:ns1': 'http://schemas.xmlsoap.org/soap/envelope/' })
    : leaf('faultcode', faultCode);
  const detail =
    axl === null
      ? '<detail/>'
      : element(
          'detail',
          element(
            'axlError',
            leaf('axlcode', axl.code) + leaf('axlmessage', message) + leaf('request', axl.request),
          ),
        );
  return soapAnswer(element('soapenv:Fault', code + leaf('faultstring', message) + detail), 500);
}

export function pageAnswer(status: number, title: string): CucmAnswer {
  const body = `<html><head><title>${escapeXml(title)}</title></head><body><h1>${escapeXml(title)}</h1></body></html>`;
  return { status, contentType: 'text/html;charset=UTF-8', body };
}
