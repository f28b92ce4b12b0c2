import type { DesiredDevice } from '../fleet/fleet.ts';
import { didYouMean } from '../lib/suggest.ts';

/** What `{{name}}` may stand for in texts of macros. */
export type TemplateValues = ReadonlyMap<string, string>;

const FILLED_IN = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The values for one device; `localTime` is `08:55`, `localDate` `2026-11-23`. */
export function templateValues(
  device: DesiredDevice,
  { macro, wall }: { macro: string; wall: number },
): TemplateValues {
  const local = new Date(wall).toISOString();
  return new Map([
    ['device.name', device.name],
    ['device.kind', device.kind ?? 'unknown'],
    ['device.timezone', device.timezone],
    ['macro.name', macro],
    ['localTime', local.slice(11, 16)],
    ['localDate', local.slice(0, 10)],
    ...Object.entries(device.tags).map(([tag, value]) => [`tags.${tag}`, value] as const),
  ]);
}

/** Puts values in place of `{{name}}`; `checkTemplate` ruled out names that stand for nothing. */
export function expandTemplate(text: string, values: TemplateValues): string {
  return text.replace(FILLED_IN, (whole, name: string) => values.get(name) ?? whole);
}

/** What is wrong with the names that a text has filled in, for the devices it is to be used on; empty where all is well. */
export function checkTemplate(text: string, targets: readonly DesiredDevice[]): string[] {
  const problems: string[] = [];
  for (const [whole, name = ''] of text.matchAll(FILLED_IN)) {
    const lacking = targets.filter((device) => !namesFor(device).includes(name));
    const first = lacking[0];
    if (first === undefined) continue;
    const known = namesFor(first);
    problems.push(
      name.startsWith('tags.') && lacking.length < targets.length
        ? `${whole} stands for nothing on ${first.name}, which has no tag "${name.slice('tags.'.length)}"`
        : `${whole} stands for nothing; known are ${known.map((one) => `{{${one}}}`).join(', ')}.${didYouMean(name, known)}`,
    );
  }
  return problems;
}

/** How long the text gets on the device where it gets longest, in UTF-8 bytes. */
export function longestBytes(text: string, targets: readonly DesiredDevice[], macro: string): number {
  const sizes = targets.map((device) =>
    Buffer.byteLength(expandTemplate(text, templateValues(device, { macro, wall: 0 }))),
  );
  return Math.max(Buffer.byteLength(text.replace(FILLED_IN, '')), ...sizes);
}

function namesFor(device: DesiredDevice): string[] {
  return [...templateValues(device, { macro: '', wall: 0 }).keys()];
}
