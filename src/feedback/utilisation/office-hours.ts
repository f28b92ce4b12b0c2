import type { OfficeHours } from './windows.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const EVERY_DAY = new Set([0, 1, 2, 3, 4, 5, 6]);

/** `08:00-18:00` and `mon-fri` or `mon,wed,sat`; either may be missing. @returns what is wrong, as a sentence */
export function readOfficeHours(hours: string | null, days: string | null): OfficeHours | null | string {
  if (hours === null && days === null) return null;
  const minutes = hours === null ? ([0, 24 * 60] as const) : readHours(hours);
  if (typeof minutes === 'string') return minutes;
  const weekdays = days === null ? EVERY_DAY : readDays(days);
  if (typeof weekdays === 'string') return weekdays;
  const [fromMinute, toMinute] = minutes;
  return { fromMinute, toMinute, weekdays };
}

function readHours(text: string): readonly [number, number] | string {
  const match = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(text.trim());
  const [fromHour = 99, fromMinute = 0, toHour = 99, toMinute = 0] = (match ?? []).slice(1).map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  if (match === null || fromMinute > 59 || toMinute > 59 || from >= 24 * 60 || to > 24 * 60 || from === to)
    return `"${text}" are no hours of a day: write such as 08:00-18:00`;
  if (from % 15 !== 0 || to % 15 !== 0)
    return `"${text}": utilisation is kept by quarters of an hour, so write :00, :15, :30 or :45`;
  return [from, to];
}

function readDays(text: string): Set<number> | string {
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first] = part.trim().split('-');
    const [from, to] = [dayOf(first), dayOf(last)];
    if (from === -1 || to === -1)
      return `"${text}" are no days of a week: write such as mon-fri, or mon,wed,sat`;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return days;
}

function dayOf(word: string): number {
  return DAYS.indexOf(word.trim());
}
