import type { DeedKind } from './sources.ts';

export type DeedDetail = Readonly<Record<string, unknown>>;

/** What was done, as the rest of a sentence that begins with who did it. */
export function deedWords(kind: DeedKind, detail: DeedDetail): string {
  return WORDS[kind](detail);
}

const WORDS: Readonly<Record<DeedKind, (detail: DeedDetail) => string>> = {
  approve: ({ commit }) => `approved the file${commit === null ? '' : `, at the commit ${short(commit)}`}`,
  hold: ({ devices, reason }) => `placed a hold on ${where(devices)}: ${text(reason)}`,
  release: () => 'released a hold',
  maintenance: ({ devices, reason, until }) =>
    `began a maintenance of ${where(devices)} until ${moment(until)}: ${text(reason)}`,
  'maintenance-end': ({ devices }) => `ended the maintenance of ${where(devices)}`,
  acknowledge: ({ title, comment }) =>
    `looks after the alert “${text(title)}”${comment === null ? '' : `: ${text(comment)}`}`,
  run: ({ macro, state }) => `ran ${text(macro)} by hand: ${text(state)}`,
  erase: ({ from, to }) => `erased what was recorded${span(from, to)}`,
  trust: ({ what, from, to }) =>
    `vouched for another ${text(what)}: ${short(from)} was on record, ${short(to)} is now`,
  retire: ({ retired }) => (retired === true ? 'retired the device' : 'took the device up again'),
  chat: chatWords,
  rollout: ({ state }) => `began a rollout: ${text(state)}`,
  rotation: ({ state }) => `began a rotation of a passphrase: ${text(state)}`,
  upgrade: ({ state }) => `began an upgrade: ${text(state)}`,
  verb: ({ what }) => text(what),
};

function chatWords({ what, command, word, choice, why }: DeedDetail): string {
  const said = [command, word, choice].find((value) => typeof value === 'string');
  const named = said === undefined ? '' : ` ${text(said)}`;
  if (what === 'refused') return `was refused by the bot${named}: ${text(why ?? 'no reason is told')}`;
  if (what === 'card') return `pressed a button of the bot${named}`;
  return what === 'forged-post' ? 'posted what Webex did not sign' : `had the bot do${named}`;
}

function where(selector: unknown): string {
  return typeof selector === 'string' ? selector : 'the whole fleet';
}

function span(from: unknown, to: unknown): string {
  if (from === null && to === null) return '';
  return `${from === null ? '' : ` from ${moment(from)}`}${to === null ? '' : ` before ${moment(to)}`}`;
}

function moment(at: unknown): string {
  return typeof at === 'number' ? new Date(at).toISOString() : 'an unknown time';
}

/** Fingerprints and commits are told apart by their beginning. */
function short(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 12) : 'nothing';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
