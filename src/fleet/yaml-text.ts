/**
 * A text as a YAML scalar on one line that reads back as the same text, plain
 * where nothing in it could mean something else.
 */
export function yamlScalar(text: string): string {
  return PLAIN.test(text) && !NOTHING.test(text) ? text : JSON.stringify(text);
}

/** Letters, digits and the few marks that mean nothing to YAML, no space at an end. */
const PLAIN = /^[A-Za-z0-9](?:[A-Za-z0-9 ._+@/()-]*[A-Za-z0-9._+@/()-])?$/;
/** Read as no value at all. Numbers and booleans need no quotes: what counts is the text as it is written. */
const NOTHING = /^null$/i;

/** A path of settings as a YAML key. */
export function yamlKey(path: string): string {
  return /^[A-Za-z][A-Za-z0-9._[\]-]*$/.test(path) ? path : JSON.stringify(path);
}

/** A text from elsewhere, fit to stand in a comment: one line, no longer than people read. */
export function yamlComment(text: string, most = 300): string {
  // oxlint-disable-next-line no-control-regex -- taking these out is what it is for
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
