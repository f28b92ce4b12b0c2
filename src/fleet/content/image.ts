import { Wrong } from '../forms.ts';

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];

/** A picture as devices take it. What a file is shows by its first bytes; its name may say anything. */
export function readImage(bytes: Uint8Array): string | Wrong {
  const isKnown = [PNG, JPEG].some((magic) => magic.every((byte, index) => bytes[index] === byte));
  if (!isKnown) return new Wrong('is neither a PNG nor a JPEG picture; save it as one of them.');
  return Buffer.from(bytes).toString('base64');
}
