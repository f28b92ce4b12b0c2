import type { IncomingMessage } from 'node:http';
import { WebexRefusal, type WebexUpload } from './answer.ts';

const MOST_BODY_BYTES = 10_000_000;

export interface ReadBody {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly upload: WebexUpload | null;
}

export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BODY_BYTES) throw new WebexRefusal(413, 'The body is too large.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** A body as JSON, as a form, or as a form with a file; a form's fields are texts. */
export function readBody(contentType: string, bytes: Buffer): ReadBody {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return { fields: readJson(bytes), upload: null };
  if (type === 'application/x-www-form-urlencoded')
    return { fields: Object.fromEntries(new URLSearchParams(bytes.toString())), upload: null };
  const boundary = /;\s*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (type === 'multipart/form-data' && boundary !== undefined) return readForm(bytes, boundary);
  throw new WebexRefusal(415, 'The body must be application/json, a form or multipart/form-data.');
}

function readJson(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(bytes.toString());
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  } catch {
    // Falls through to the refusal below.
  }
  throw new WebexRefusal(400, 'The body is not a JSON object.');
}

/** RFC 7578: parts between lines of the boundary, one of them a file. */
function readForm(bytes: Buffer, boundary: string): ReadBody {
  const fields: Record<string, unknown> = {};
  let upload: WebexUpload | null = null;
  for (const part of partsOf(bytes, `--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    if (end === -1) throw new WebexRefusal(400, 'A part of the form has no head.');
    const head = part.toString('utf8', 0, end);
    const content = part.subarray(end + 4);
    const name = /\bname="([^"]*)"/.exec(head)?.[1] ?? '';
    const file = /\bfilename="([^"]*)"/.exec(head)?.[1];
    if (file === undefined) fields[name] = content.toString();
    else if (name !== 'files' || upload !== null)
      throw new WebexRefusal(400, 'A message takes exactly one file, as files.');
    else {
      const contentType = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? 'application/octet-stream';
      upload = { name: file, contentType, bytes: content };
    }
  }
  return { fields, upload };
}

function partsOf(bytes: Buffer, mark: string): Buffer[] {
  const parts: Buffer[] = [];
  let from = bytes.indexOf(mark);
  while (from !== -1) {
    const begin = from + mark.length + 2;
    const next = bytes.indexOf(`\r\n${mark}`, begin);
    if (next === -1) break;
    parts.push(bytes.subarray(begin, next));
    from = next + 2;
  }
  return parts;
}
