import type { Fleet } from '../fleet/fleet.ts';
import { sectionOf } from '../fleet/section.ts';
import { macroSection } from '../macros/macro.ts';
import type { Macro } from '../macros/macro-schema.ts';
import { bookOf, deviceBook } from './names.ts';
import type { Vocabulary } from './parse.ts';

export function vocabularyOf(fleet: Fleet): Vocabulary {
  const sites = fleet.devices.flatMap(({ tags }) => tags['site'] ?? []);
  const macros = macrosOf(fleet);
  return {
    devices: deviceBook(fleet.devices),
    sites: bookOf(sites.map((site) => [site, site])),
    macros: bookOf(macros.map(({ name }) => [name, name])),
    words: new Set(macros.flatMap(wordsOf)),
  };
}

/** The macros that a word said to the bot sets off. */
export function macrosFor(word: string, fleet: Fleet): readonly Macro[] {
  return macrosOf(fleet).filter((macro) => macro.enabled && wordsOf(macro).includes(word));
}

export function macrosOf(fleet: Fleet): readonly Macro[] {
  return sectionOf(fleet, macroSection) ?? [];
}

function wordsOf({ when = [] }: Macro): string[] {
  return when.flatMap((trigger) => (trigger.kind === 'chat' ? [trigger.word] : []));
}
