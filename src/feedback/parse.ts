import { messageOf } from '../lib/errors.ts';
import { childOf, type XmlElement, XmlError, type XmlErrorCode } from '../lib/xml/element.ts';
import { outlineXml } from '../lib/xml/outline.ts';
import { readXml } from '../lib/xml/reader.ts';
import { deltaFromXml, deltasFromJson } from '../xapi/delta.ts';
import type { Delta, LeafMap } from '../xapi/device.ts';
import { isRecord, leavesFromJson } from '../xapi/document.ts';
import { FeedbackError, type FeedbackErrorCode } from './errors.ts';

export interface PostLimits {
  readonly maxBytes: number;
  /** Nested elements or objects, the root being 1. */
  readonly maxDepth: number;
}

/** A post is one changed leaf with its Identification, 1 to 2 KB as recorded; these leave room for the largest node. */
export const POST_LIMITS: PostLimits = { maxBytes: 256 * 1024, maxDepth: 24 };

/** What a device says of itself in a post. Nothing of it is proof: whoever has the URL can write it. */
export interface PostIdentity {
  readonly serial: string | null;
  readonly software: string | null;
  readonly product: string | null;
  readonly systemName: string | null;
}

export type Post =
  | { readonly type: 'feedback'; readonly identity: PostIdentity; readonly deltas: readonly Delta[] }
  /** A post in TMS mode (SOAP), which roomd does not register and does not read. */
  | { readonly type: 'ignored' };

/**
 * Reads the body of a webhook post, XML or JSON by its first character.
 * Control characters are taken out, an Identification may be missing, indices
 * are wire ids and ghosts are nodes that are gone.
 * @throws FeedbackError
 */
export function parsePost(body: Buffer, limits: PostLimits = POST_LIMITS): Post {
  if (body.length > limits.maxBytes)
    throw new FeedbackError('too-large', `the post is larger than ${limits.maxBytes} bytes`);
  const text = decodeUtf8(body);
  const post = /^\s*[{[]/.test(text) ? parseJson(text, limits) : parseXml(text, limits);
  if (post.type === 'feedback') for (const delta of post.deltas) refuseBadPaths(delta);
  return post;
}

function decodeUtf8(body: Buffer): string {
  try {
    return STRICT_UTF8.decode(body);
  } catch {
    throw new FeedbackError('malformed', 'the post is not UTF-8');
  }
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

function parseXml(text: string, { maxDepth }: PostLimits): Post {
  const root = readRoot(text, maxDepth);
  if (/^(?:[\w-]+:)?Envelope$/.test(root.name)) return { type: 'ignored' };
  const delta = deltaFromXml(root);
  if (delta === null) throw notFeedback(`the root element is <${root.name.slice(0, 40)}>`);
  const identification = childOf(root, 'Identification');
  const identity = identityFrom((name) => identification && childOf(identification, name)?.text);
  return { type: 'feedback', identity, deltas: [delta] };
}

function readRoot(text: string, maxDepth: number): XmlElement {
  const limits = { maxLength: text.length, maxDepth };
  // Devices write plainly; the strict reader takes the rest and says what is wrong.
  const plain = outlineXml(text, limits);
  if (plain !== null) return plain.element(0);
  try {
    return readXml(text, limits).root;
  } catch (error) {
    const code = error instanceof XmlError ? CODES[error.code] : 'malformed';
    throw new FeedbackError(code, `the post cannot be read as XML: ${messageOf(error)}`, { cause: error });
  }
}

const CODES: Readonly<Record<XmlErrorCode, FeedbackErrorCode>> = {
  'xml-malformed': 'malformed',
  'xml-forbidden': 'malformed',
  'xml-unwritable': 'malformed',
  'xml-too-large': 'too-large',
  'xml-too-deep': 'too-deep',
};

function parseJson(text: string, { maxDepth }: PostLimits): Post {
  const message = readJson(text);
  if (!isRecord(message)) throw notFeedback('the JSON is no object');
  if (isDeeper(message, maxDepth))
    throw new FeedbackError('too-deep', `the post is nested deeper than ${maxDepth}`);
  const deltas = deltasFromJson(message, { wrapped: true }).map(withoutControls);
  if (deltas.length === 0) throw notFeedback('no member is called Status, Event or Configuration');
  const said = identificationOf(message);
  return { type: 'feedback', identity: identityFrom((name) => said.get(name)), deltas };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(CONTROLS, ''));
  } catch (error) {
    throw new FeedbackError('malformed', `the post cannot be read as JSON: ${messageOf(error)}`);
  }
}

// oxlint-disable-next-line no-control-regex -- taking these out is what it is for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

/** JSON may also carry control characters in escaped form, which only show once it is read. */
function withoutControls(delta: Delta): Delta {
  return { ...delta, leaves: cleaned(delta.leaves), bare: cleaned(delta.bare) };
}

function cleaned(leaves: LeafMap): LeafMap {
  return new Map([...leaves].map(([path, value]) => [path, value.replace(CONTROLS, '')]));
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1));
}

function identificationOf(message: Readonly<Record<string, unknown>>): LeafMap {
  for (const tree of Object.values(message)) {
    if (isRecord(tree) && tree['Identification'] !== undefined)
      return leavesFromJson(tree['Identification'], '', { wrapped: true }).leaves;
  }
  return new Map();
}

function identityFrom(said: (name: string) => string | undefined): PostIdentity {
  return {
    serial: said('SerialNumber') || null,
    software: said('SWVersion') || null,
    product: said('ProductID') || null,
    systemName: said('SystemName') || null,
  };
}

function refuseBadPaths({ leaves, gone, bare }: Delta): void {
  for (const path of leaves.keys()) refuseBadPath(path);
  for (const path of gone) refuseBadPath(path);
  for (const path of bare.keys()) refuseBadPath(path);
}

const PATH = /^[A-Za-z][\w-]*(?:\[\d{1,9}\])?(?:\.[A-Za-z][\w-]*(?:\[\d{1,9}\])?)*$/;

function refuseBadPath(path: string): void {
  if (!PATH.test(path)) throw notFeedback(`"${path.slice(0, 80)}" is no xAPI path`);
}

function notFeedback(why: string): FeedbackError {
  return new FeedbackError('not-feedback', `the post is not a device's feedback: ${why}`);
}
