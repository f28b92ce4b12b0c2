import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Share of the width, as in CSS grid: `2fr`, `8rem`. */
  readonly width: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** The header sorts where it is given. */
  readonly sortable?: boolean;
  /** Left out on a narrow screen. */
  readonly isMinor?: boolean;
}

const ROW_PX = 40;
const BEYOND = 8;

/**
 * A table of any length: only the rows in sight are in the document, and it
 * tells a screen reader how many there are and which these are.
 */
export function Table<Row>({
  rows,
  columns,
  keyOf,
  label,
  sort,
  onSort,
}: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  label: string;
  /** `name`, or `-name` for the other way round. */
  sort?: string;
  onSort?: (sort: string) => void;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ first: 0, count: 40 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const look = (): void => {
      const first = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - BEYOND);
      const count = Math.ceil(element.clientHeight / ROW_PX) + 2 * BEYOND;
      setView((before) => (before.first === first && before.count === count ? before : { first, count }));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      watcher.disconnect();
    };
  }, []);
  const first = Math.min(view.first, Math.max(0, rows.length - view.count));
  const shown = rows.slice(first, first + view.count);
  const template = columns.map(({ width }) => width).join(' ');
  const narrow = columns
    .filter(({ isMinor }) => isMinor !== true)
    .map(({ width }) => width)
    .join(' ');
  const style = { '--columns': template, '--narrow': narrow };
  return (
    // biome-ignore lint/a11y: a scrolling region must be reachable by keyboard
    <div class="frame" ref={frame} tabIndex={0} role="region" aria-label={label}>
      <div class="grid" role="table" aria-label={label} aria-rowcount={rows.length + 1} style={style}>
        <div class="row head" role="row" aria-rowindex={1}>
          {columns.map(({ key, title, sortable, isMinor }) => (
            <div
              key={key}
              role="columnheader"
              class={isMinor ? 'minor' : ''}
              aria-sort={sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : undefined}
            >
              {sortable && onSort !== undefined ? (
                <button type="button" class="plain" onClick={() => onSort(sort === key ? `-${key}` : key)}>
                  {title}
                  <span aria-hidden="true">{sort === key ? ' ▲' : sort === `-${key}` ? ' ▼' : ''}</span>
                </button>
              ) : (
                title
              )}
            </div>
          ))}
        </div>
        <div style={{ height: `${first * ROW_PX}px` }} role="presentation" />
        {shown.map((row, at) => (
          <div class="row" role="row" aria-rowindex={first + at + 2} key={keyOf(row)}>
            {columns.map(({ key, cell, isMinor }) => (
              <div key={key} role="cell" class={isMinor ? 'minor' : ''}>
                {cell(row)}
              </div>
            ))}
          </div>
        ))}
        <div
          style={{ height: `${Math.max(0, rows.length - first - shown.length) * ROW_PX}px` }}
          role="presentation"
        />
      </div>
    </div>
  );
}
