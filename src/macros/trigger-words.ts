import { formatDuration } from '../fleet/duration.ts';
import type { Trigger } from './trigger.ts';

/** What sets a macro off, in words for people; a hash of a token is left out. */
export function triggerWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'schedule':
      return `schedule ${trigger.schedules.join(', ')}`;
    case 'feedback':
      return `the device tells of ${[`${trigger.tree}.${trigger.path}`, ...leafWords(trigger.where)].join(' ')}`;
    case 'presence':
      return `presence is ${trigger.is} for ${formatDuration(trigger.forMs)}`;
    case 'booking':
      return `${offsetWords(trigger.offsetMs)}the ${trigger.at} of a booking`;
    case 'call':
      return `the ${trigger.on} of a call`;
    case 'alert':
      return `an alert ${trigger.rule === null ? '' : `of the rule ${trigger.rule} `}is ${trigger.on}`;
    case 'panel':
      return `the panel ${trigger.id} is pressed`;
    case 'widget':
      return ['the widget', trigger.id, trigger.type ?? 'is touched', trigger.value ?? ''].join(' ').trim();
    case 'http':
      return 'a program posts';
    case 'chat':
      return `the word ${trigger.word} is said to the bot`;
    default:
      return `the button ${trigger.word} on a card is pressed`;
  }
}

function leafWords(where: Readonly<Record<string, string>>): string[] {
  return Object.entries(where).map(([leaf, value]) => (leaf === '' ? `= ${value}` : `${leaf} = ${value}`));
}

function offsetWords(ms: number): string {
  if (ms === 0) return '';
  return `${formatDuration(Math.abs(ms))} ${ms < 0 ? 'before' : 'after'} `;
}
