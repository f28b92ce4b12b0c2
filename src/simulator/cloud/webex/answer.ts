/** One answer of the stand-in before it is put on the wire. */
export interface WebexAnswer {
  readonly status: number;
  /** JSON; bytes go out as they are, under the type that the headers say. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WebexUpload {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** A call as the operations see it: who asks, for what. */
export interface WebexCall<Person> {
  readonly caller: Person;
  /** What stands in the path after the collection's name. */
  readonly id: string | null;
  /** What stands behind that. */
  readonly rest: string | null;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** What was uploaded with the body. */
  readonly upload: WebexUpload | null;
  /** The service's base address. */
  readonly root: string;
  /** The address of the collection, which next-page links begin with. */
  readonly url: string;
  /** The most items on a page, whatever `max` asks for. */
  readonly pageSize: number;
}

/** Thrown by an operation to refuse a call; becomes the service's error body. */
export class WebexRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'WebexRefusal';
    this.status = status;
  }
}

export function ok(body: unknown): WebexAnswer {
  return { status: 200, body };
}

export const noContent: WebexAnswer = { status: 204, body: null };

/**
 * One page of a list and, while more is left, an absolute next-page link. The
 * link carries nothing but a cursor, as real links have been seen to drop the
 * parameters of the first call (cloud facts 1.3): it works only verbatim.
 */
export function page<Item extends { id: string }>(
  call: { query: URLSearchParams; url: string; pageSize: number },
  limits: { most: number; default: number },
  select: (query: URLSearchParams) => { items: readonly Item[]; show: (item: Item) => unknown },
): WebexAnswer {
  const cursor = readCursor(call.query);
  const query = cursor?.query ?? call.query;
  const size = Math.min(limitOf(query, limits), call.pageSize);
  const { items, show } = select(query);
  const from = cursor === null ? 0 : items.findIndex((item) => item.id === cursor.after) + 1;
  if (cursor !== null && from === 0) throw new WebexRefusal(400, 'The cursor is no longer valid.');
  const shown = items.slice(from, from + size);
  const last = shown.at(-1);
  const body = { items: shown.map((item) => show(item)) };
  if (last === undefined || from + size >= items.length) return ok(body);
  const next = Buffer.from(JSON.stringify([last.id, query.toString()])).toString('base64url');
  return { status: 200, body, headers: { link: `<${call.url}?cursor=${next}>; rel="next"` } };
}

function readCursor(query: URLSearchParams): { after: string; query: URLSearchParams } | null {
  const text = query.get('cursor');
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(value))
      return { after: String(value[0]), query: new URLSearchParams(String(value[1])) };
  } catch {
    // Falls through to the refusal below.
  }
  throw new WebexRefusal(400, 'The cursor cannot be read.');
}

function limitOf(query: URLSearchParams, limits: { most: number; default: number }): number {
  const text = query.get('max');
  if (text === null) return limits.default;
  const max = Number(text);
  if (!Number.isInteger(max) || max < 1 || max > limits.most) {
    throw new WebexRefusal(400, `max must be an integer from 1 to ${limits.most}.`);
  }
  return max;
}

/** A string field of a body; absent and null are the same. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new WebexRefusal(400, `${name} must be a string.`);
  return value;
}

/** The same for a field that must be there. */
export function neededText(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = textOf(body, name);
  if (value === null || value.trim() === '') throw new WebexRefusal(400, `${name} cannot be empty.`);
  return value;
}

/** A boolean field; a text is refused. */
export function flagOf(body: Readonly<Record<string, unknown>>, name: string): boolean | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw new WebexRefusal(400, `${name} must be true or false.`);
  return value;
}

export function notAllowed(): WebexRefusal {
  return new WebexRefusal(405, 'The method is not allowed on this resource.');
}
