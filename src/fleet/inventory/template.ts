import { slugOf } from '../adopt-names.ts';

/** What a template may ask for of a device. */
export const FACTS = [
  'name',
  'mac',
  'serial',
  'description',
  'model',
  'product',
  'devicePool',
  'location',
] as const;
type Fact = (typeof FACTS)[number];

/** What a source tells of a device besides its address; what it does not tell is empty. */
export type Facts = Readonly<Record<Fact, string>>;

export function isFact(text: string): text is Fact {
  return (FACTS as readonly string[]).includes(text);
}

/** A template with every `{{fact}}` filled in, on one line. */
export function fill(template: string, facts: Facts): string {
  const filled = template.replaceAll(/\{\{([^}]*)\}\}/g, (_, fact: string) => {
    const name = fact.trim();
    return isFact(name) ? facts[name] : '';
  });
  // oxlint-disable-next-line no-control-regex -- what another system holds may be anything
  return filled.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

/** A template filled in as a device name: that of its MAC address or serial number where nothing else is left of it. */
export function deviceNameOf(template: string, facts: Facts): string {
  const filled = fill(template, facts);
  if (/^SEP[0-9A-F]{12}$/.test(filled)) return filled;
  return slugOf(filled) || (facts.mac === '' ? facts.serial : `SEP${facts.mac.replaceAll(':', '')}`);
}
