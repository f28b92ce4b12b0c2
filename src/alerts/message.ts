import type { Message } from '../notify/notifier.ts';
import { type Alert, noteOf } from './alert.ts';

/** Tells that an alert opened, or that its silence is over. */
export function openedMessage(alert: Alert, why: string | null = null): Message {
  const since = why === null ? '' : ` Since ${timeText(alert.openedAt)}; ${why}.`;
  return messageOf(alert, {
    mark: MARKS[alert.severity],
    word: alert.severity,
    title: alert.title,
    lines: [`${alert.detail}${since}`, alert.remedy],
  });
}

export function acknowledgedMessage(alert: Alert): Message {
  const comment = alert.comment === null ? '' : `: ${alert.comment}`;
  return messageOf(alert, {
    mark: '👀',
    word: 'acknowledged',
    title: alert.title,
    lines: [`${alert.acknowledgedBy ?? 'Somebody'} looks after it${comment}.`],
  });
}

/** Tells that it is over, and of which parts it is not. */
export function resolvedMessage(alert: Alert, stillOff: readonly string[]): Message {
  const lasted = (alert.resolvedAt ?? alert.openedAt) - alert.openedAt;
  const rest = stillOff.length === 0 ? [] : [`Still offline: ${stillOff.join(', ')}.`];
  return messageOf(alert, {
    mark: '✅',
    word: 'resolved',
    title: alert.cleared,
    lines: [`It lasted ${lastedText(lasted)}, since ${timeText(alert.openedAt)}.`, ...rest],
  });
}

/** Tells that nobody looks any more: the file dropped the device or the rule. */
export function droppedMessage(alert: Alert, why: string): Message {
  return messageOf(alert, { mark: '✅', word: 'closed', title: alert.title, lines: [`Closed: ${why}.`] });
}

const MARKS = { info: 'ℹ️', warning: '⚠️', critical: '🔴' } as const;

function messageOf(
  alert: Alert,
  { mark, word, title, lines }: { mark: string; word: string; title: string; lines: readonly string[] },
): Message {
  return {
    subject: `[roomd ${word}] ${title}`,
    text: [title, ...lines].join('\n'),
    markdown: [`${mark} **${escapeMarkdown(title)}**`, ...lines.map(escapeText)].join('\n\n'),
    conversation: alert.conversation,
    alert: noteOf(alert),
  };
}

/** Names of devices and settings hold characters that mean something in Markdown. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>]/g, (character) => `\\${character}`);
}

/** The same for prose, where commands stand between backticks. */
function escapeText(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : escapeMarkdown(part)))
    .join('');
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `3 h 20 min`, for people who read what is over. */
function lastedText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`;
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
