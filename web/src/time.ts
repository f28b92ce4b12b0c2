import { signal } from '@preact/signals';

/** How far the daemon's clock is ahead of the browser's, milliseconds. */
let ahead = 0;

/** The present by the daemon's clock, for "since 3 min"; moves each ten seconds. */
export const present = signal(Date.now());

/** The moment by the daemon's clock. */
export function nowMs(): number {
  return Date.now() + ahead;
}

/** Takes the daemon's clock from the `Date` header of an answer, where it is off by more than the header's second and the way. */
export function keepTime(date: string | null): void {
  const told = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(told) || Math.abs(told - nowMs()) < 5_000) return;
  ahead = told - Date.now();
  present.value = nowMs();
}

setInterval(() => {
  present.value = nowMs();
}, 10_000);

/** `3 min`, `2 h 5 min`, `4 d`. */
export function lasting(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return 'under a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return days < 4 && hours % 24 > 0 ? `${days} d ${hours % 24} h` : `${days} d`;
}

export function since(at: string | null): string {
  return at === null ? '' : lasting(present.value - Date.parse(at));
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY_AND_CLOCK = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The hour today, the day with it otherwise; in the browser's zone. */
export function clock(at: string): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(present.value).toDateString();
  return (isToday ? CLOCK : DAY_AND_CLOCK).format(date);
}

export function full(at: string): string {
  return FULL.format(new Date(at));
}

/** `under a second`, `12 s`, `3 min`: from its beginning to its end; so far where it goes on, nothing where it never began. */
export function took(from: string | null, to: string | null): string {
  if (from === null) return '';
  const ms = (to === null ? present.value : Date.parse(to)) - Date.parse(from);
  const length = ms >= 60_000 ? lasting(ms) : ms < 1_000 ? 'under a second' : `${Math.floor(ms / 1_000)} s`;
  return to === null ? `${length} so far` : length;
}
