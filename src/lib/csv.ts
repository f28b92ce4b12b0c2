/** What one field of a row holds. */
export type Field = string | number | boolean | null;

/**
 * One row as RFC 4180 wants it, with its line end. A text that a spreadsheet
 * would take for a formula (it begins with = + - @ or a tab) gets an
 * apostrophe in front, so that whoever chose a name cannot run anything there.
 */
export function csvLine(fields: readonly Field[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: Field): string {
  if (field === null) return '';
  if (typeof field !== 'string') return String(field);
  const text = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
