import type { ComponentChildren } from 'preact';
import type { Loaded } from '../loaded.ts';
import { since } from '../time.ts';

/** A page's data once they are there; what is old while it cannot be read says so, and nothing is a blank. */
export function Shown<Answer>({
  of,
  loading = 'Loading…',
  children,
}: {
  of: Loaded<Answer>;
  /** Said until the first answer is there. */
  loading?: string;
  children: (data: Answer) => ComponentChildren;
}) {
  const { data, problem, isLoading, reload } = of;
  return (
    <div aria-busy={isLoading && data === null}>
      {problem !== null && (
        <div class="notice bad" role="alert">
          <span>
            {data === null ? 'This cannot be shown: ' : 'What is below is old: '}
            {problem.message}.
          </span>
          <button type="button" onClick={reload}>
            Try again
          </button>
        </div>
      )}
      {data === null && problem === null && (
        <p class="loading" role="status">
          {loading}
        </p>
      )}
      {data !== null && children(data)}
    </div>
  );
}

/** Said where a list has nothing to show. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'info';

const MARK: Readonly<Record<Tone, string>> = { good: '●', bad: '▲', warn: '◆', calm: '○', info: '■' };

/** A word with a colour; its shape tells the same to those who see no colour. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{MARK[tone]} </span>
      {children}
    </span>
  );
}

export function toneOf(severity: 'critical' | 'warning' | 'info'): Tone {
  if (severity === 'critical') return 'bad';
  return severity === 'warning' ? 'warn' : 'info';
}

/** `since 3 min`, with the moment itself for whoever points at it. */
export function Since({ at, before = '' }: { at: string | null; before?: string }) {
  if (at === null) return null;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {before}
      {since(at)}
    </time>
  );
}

export function DeviceLink({ name }: { name: string }) {
  return <a href={`/devices/${encodeURIComponent(name)}`}>{name}</a>;
}

/** A number with its word: what a glance takes in first. */
export function Figure({
  value,
  word,
  tone,
  href,
}: {
  value: number | string;
  word: string;
  tone?: Tone;
  href?: string;
}) {
  const inside = (
    <>
      <strong>{value}</strong>
      <span>{word}</span>
    </>
  );
  const name = `figure ${tone ?? ''}`;
  return href === undefined ? (
    <div class={name}>{inside}</div>
  ) : (
    <a class={name} href={href}>
      {inside}
    </a>
  );
}

/** On a narrow screen, where the head of a table is not seen, its word stands before the value. */
export function Narrow({ children }: { children: string }) {
  return <span class="narrow-only hint">{children} </span>;
}
