import { didYouMean } from '../lib/suggest.ts';
import { leadingName, Misread, type NameBook, nameKey, unknownName, wholeName } from './names.ts';

/** What somebody wants of the bot. Devices and macros are called by the file's names. */
export type Command =
  | { readonly kind: 'help' | 'offline' }
  | { readonly kind: 'status' | 'plan'; readonly device: string | null }
  | { readonly kind: 'find'; readonly site: string | null; readonly people: number | null }
  | { readonly kind: 'mute' | 'release' | 'why'; readonly device: string }
  | { readonly kind: 'call'; readonly device: string; readonly number: string }
  | { readonly kind: 'run'; readonly macro: string; readonly device: string | null }
  | { readonly kind: 'hold'; readonly device: string | null; readonly reason: string | null }
  | { readonly kind: 'release hold'; readonly device: string | null }
  /** To a question that could not be put as a card. */
  | { readonly kind: 'answer'; readonly code: string; readonly choice: string }
  /** A word that a macro waits for. */
  | { readonly kind: 'word'; readonly word: string; readonly device: string | null; readonly rest: string };

/** What the fleet in force lets people name. */
export interface Vocabulary {
  readonly devices: NameBook;
  readonly sites: NameBook;
  readonly macros: NameBook;
  /** Words that macros wait for, in lower case. */
  readonly words: ReadonlySet<string>;
}

type Reader = (rest: string, vocabulary: Vocabulary) => Command | Misread;

const READERS: Readonly<Record<string, Reader>> = {
  help: () => ({ kind: 'help' }),
  status: (rest, vocabulary) => maybeDevice('status', rest, vocabulary),
  offline: () => ({ kind: 'offline' }),
  find: readFind,
  free: (rest) => new Misread(`say "find a free room${rest === '' ? '' : ' in SITE'}".`),
  mute: (rest, vocabulary) => oneDevice('mute', rest, vocabulary),
  call: readCall,
  release: readRelease,
  plan: (rest, vocabulary) => maybeDevice('plan', rest, vocabulary),
  run: readRun,
  why: (rest, vocabulary) => oneDevice('why', rest.replace(/^(?:is|does|are)\s+/i, ''), vocabulary),
  hold: readHold,
  answer: readAnswer,
};

/** Words that are commands. */
export const VERBS: ReadonlySet<string> = new Set(Object.keys(READERS));

/** What a text says that was written to the bot, without its mention. */
export function readCommand(text: string, vocabulary: Vocabulary): Command | Misread {
  const said = text
    .trim()
    .replace(/^(?:please|hey|hi|hello)\b[\s,]*/i, '')
    .replace(/[\s?!.]+$/, '');
  if (said === '') return { kind: 'help' };
  const [first = ''] = said.split(/\s+/, 1);
  const verb = first.toLowerCase().replace(/[:,]$/, '');
  const rest = said.slice(first.length).trim();
  if (/^(?:any |is there a |a )?free rooms?\b/i.test(said)) return readFind(said, vocabulary);
  const reader = Object.hasOwn(READERS, verb) ? READERS[verb] : undefined;
  if (reader !== undefined) return reader(rest, vocabulary);
  if (vocabulary.words.has(verb)) return readWord(verb, rest, vocabulary);
  const near = didYouMean(verb, [...VERBS, ...vocabulary.words]);
  return new Misread(`I do not understand "${first}".${near} Say "help" for what I can do.`);
}

/** The text without the mention of the bot, as the service writes it out or as people type it. */
export function withoutMention(text: string, botName: string): string {
  const plain = text.replaceAll(/<@[^>]*>/g, ' ').trim();
  const [firstName = ''] = botName.split(/\s+/, 1);
  for (const name of [botName, firstName]) {
    if (name === '') continue;
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    const mention = new RegExp(String.raw`^@?${escaped}(?:[\s,:]+|$)|[\s,]+@?${escaped}$`, 'i');
    if (mention.test(plain)) return plain.replace(mention, '').trim();
  }
  return plain;
}

function oneDevice(
  kind: 'mute' | 'release' | 'why',
  rest: string,
  { devices }: Vocabulary,
): Command | Misread {
  if (rest === '') return new Misread(`say of which device: "${kind} DEVICE".`);
  const device = wholeName(rest.replace(/^the\s+/i, ''), devices, 'device');
  return device instanceof Misread ? device : { kind, device };
}

function maybeDevice(kind: 'status' | 'plan', rest: string, { devices }: Vocabulary): Command | Misread {
  if (rest === '' || /^(?:all|everything)$/i.test(rest)) return { kind, device: null };
  const device = wholeName(rest.replace(/^(?:of|for)\s+/i, ''), devices, 'device');
  return device instanceof Misread ? device : { kind, device };
}

const PEOPLE = /\bfor\s+(?:about\s+)?(\d{1,5})(?:\s+(?:people|persons|person|seats|of us))?/i;

function readFind(rest: string, { sites }: Vocabulary): Command | Misread {
  const people = PEOPLE.exec(rest);
  const place = /\b(?:in|at)\s+(.+)$/i.exec(rest.replace(PEOPLE, ' ').trim())?.[1]?.trim();
  if (people === null && place === undefined && !/\broom/i.test(rest))
    return new Misread('say "find a free room", with "in SITE" and "for N people" where it matters.');
  const site = place === undefined ? null : wholeName(place, sites, 'site');
  if (site instanceof Misread) return site;
  return { kind: 'find', site, people: people === null ? null : Number(people[1]) };
}

/** `call DEVICE NUMBER`, or `call NUMBER from DEVICE`. */
function readCall(rest: string, { devices }: Vocabulary): Command | Misread {
  const from = /^(\S.*?)\s+(?:from|on|in)\s+(.+)$/i.exec(rest);
  const called = from === null ? null : leadingName(from[2] ?? '', devices);
  if (from?.[1] !== undefined && called !== null && !(called instanceof Misread) && called.rest === '')
    return { kind: 'call', device: called.name, number: from[1] };
  const found = leadingName(rest, devices);
  if (found instanceof Misread) return found;
  if (found === null) {
    const [named = ''] = rest.split(/\s+/, 1);
    return rest === '' ? new Misread('say "call DEVICE NUMBER".') : unknownName(named, devices, 'device');
  }
  const number = found.rest.replace(/^to\s+/i, '');
  return number === ''
    ? new Misread(`say whom ${found.name} is to call: "call ${found.name} NUMBER".`)
    : { kind: 'call', device: found.name, number };
}

/** `release hold` is about holds, whatever a device is called. */
function readRelease(rest: string, vocabulary: Vocabulary): Command | Misread {
  const hold = /^(?:the\s+)?hold\b(?:\s+(?:on|of|over)\b)?\s*(.*)$/i.exec(rest);
  if (hold === null) return oneDevice('release', rest, vocabulary);
  const named = hold[1] ?? '';
  if (named === '') return { kind: 'release hold', device: null };
  const device = wholeName(named, vocabulary.devices, 'device');
  return device instanceof Misread ? device : { kind: 'release hold', device };
}

/** `run MACRO`, `run MACRO on DEVICE`, `run MACRO DEVICE`. */
function readRun(rest: string, { macros, devices }: Vocabulary): Command | Misread {
  if (rest === '') return new Misread('say which macro: "run MACRO on DEVICE".');
  const found = leadingName(rest, macros);
  if (found instanceof Misread) return found;
  if (found === null) {
    const [named = ''] = rest.split(/\s+on\s+/i, 1);
    return unknownName(named, macros, 'macro');
  }
  const target = found.rest.replace(/^on\s+/i, '');
  if (target === '') return { kind: 'run', macro: found.name, device: null };
  const device = wholeName(target, devices, 'device');
  return device instanceof Misread ? device : { kind: 'run', macro: found.name, device };
}

/** `hold`, `hold DEVICE`, each with `because REASON`. */
function readHold(rest: string, { devices }: Vocabulary): Command | Misread {
  const [target = '', ...reasons] = rest.split(/(?:^|\s+)because(?:\s*:)?\s+|\s*:\s+/i);
  const reason = reasons.length === 0 ? null : reasons.join(' because ').trim();
  const named = target.replace(/^on\s+/i, '').trim();
  if (named === '' || /^(?:all|everything)$/i.test(named)) return { kind: 'hold', device: null, reason };
  const device = wholeName(named, devices, 'device');
  return device instanceof Misread ? device : { kind: 'hold', device, reason };
}

function readAnswer(rest: string): Command | Misread {
  const [code = '', ...choice] = rest.split(/\s+/);
  return choice.length === 0
    ? new Misread('say "answer CODE CHOICE".')
    : { kind: 'answer', code: code.toUpperCase(), choice: choice.join(' ') };
}

function readWord(word: string, rest: string, { devices }: Vocabulary): Command | Misread {
  const found = rest === '' ? null : leadingName(rest.replace(/^(?:on|in)\s+/i, ''), devices);
  if (found instanceof Misread) return found;
  return found === null
    ? { kind: 'word', word, device: null, rest }
    : { kind: 'word', word, device: found.name, rest: found.rest };
}

/** Whether an answer in words means an option: its number, or its text. */
export function choiceOf(said: string, options: readonly string[]): number | null {
  const byNumber = /^\d$/.test(said)
    ? Number(said)
    : options.findIndex((one) => nameKey(one) === nameKey(said)) + 1;
  return byNumber >= 1 && byNumber <= options.length ? byNumber : null;
}
