import { isIP } from 'node:net';

const REMOVED = '[removed]';

/**
 * Takes out of a text whatever could say which device, whose, or where: the
 * texts that are known to, and everything that looks like an address, a URI or a
 * serial number. Texts of the vendor, `keep`, stay, whatever people call things.
 */
export function redactor(
  known: readonly string[],
  { keep = [] }: { keep?: readonly string[] } = {},
): (text: string) => string {
  const words = known
    .filter((word) => word.length >= 3)
    .toSorted((a, b) => b.length - a.length)
    .map(patternOf);
  const clean = cleaner(words);
  const [kept, ...more] = keep.filter((text) => text !== '');
  if (kept === undefined) return clean;
  const cleanRest = redactor(known, { keep: more });
  return (text) => text.split(kept).map(cleanRest).join(kept);
}

/** A plain word stands for itself alone: somebody who is called room is none of the bedroom's. */
function patternOf(word: string): RegExp {
  const text = word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return /^\p{L}+$/u.test(word)
    ? new RegExp(String.raw`(?<![\p{L}\p{N}])${text}(?![\p{L}\p{N}])`, 'gu')
    : new RegExp(text, 'g');
}

function cleaner(words: readonly RegExp[]): (text: string) => string {
  return (text) => {
    let clean = text;
    for (const word of words) clean = clean.replace(word, REMOVED);
    for (const form of FORMS) clean = clean.replace(form, REMOVED);
    return clean
      .split(/(\s+)/)
      .map((part) => (isIP(part.replaceAll(/^[[(]|[\]),.;]$/g, '')) === 0 ? part : REMOVED))
      .join('');
  };
}

const FORMS: readonly RegExp[] = [
  /\b(?:sips?|h323|spark|https?|wss?|mailto):[^\s"'<>]+/gi,
  /[\w.+-]+@[\w.-]+/g,
  /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,}\b/gi,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b(?!\.)/g,
  // Vendor serial numbers: three letters, week and year, four more (FTT1234ABCD).
  /\b[A-Z]{3}\d{4}[A-Z0-9]{4}\b/g,
];
