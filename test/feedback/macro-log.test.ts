import { describe, expect, it } from 'vitest';
import type { FeedbackEvent } from '../../src/feedback/event.ts';
import { MacroLogFilter, MESSAGE_LENGTH, MOST_A_MINUTE } from '../../src/feedback/macro-log.ts';

function logged(message: string, path = 'Macros.Log'): FeedbackEvent {
  const args = {
    Level: 'INFO',
    Macro: 'lights',
    Message: message,
    Offset: '7',
    Timestamp: '2026-11-28T00:00:00Z',
  };
  return { kind: 'event', path, payload: { arguments: args, value: null } };
}

function messages(events: readonly FeedbackEvent[]): unknown[] {
  return events.map(({ kind, payload }) => [kind, 'message' in payload ? payload.message : null]);
}

describe('Lines of the macro log', () => {
  it('are kept on one line, within a length and without the password; other events stay as they are', () => {
    const filter = new MacroLogFilter('hunter2');
    const other: FeedbackEvent = {
      kind: 'event',
      path: 'BootEvent',
      payload: { arguments: {}, value: null },
    };
    const kept = filter.keep(
      [logged('a\n\tb hunter2'), other, logged('x'.repeat(5_000), 'Macros[1].Log[1]')],
      0,
    );
    expect(kept[0]).toEqual({
      kind: 'macro-log',
      path: 'Macros.Log',
      payload: {
        level: 'INFO',
        macro: 'lights',
        message: 'a b [secret]',
        offset: 7,
        at: '2026-11-28T00:00:00Z',
        leftOut: 0,
      },
    });
    expect(kept[1]).toBe(other);
    expect(messages(kept).at(-1)).toEqual(['macro-log', `${'x'.repeat(MESSAGE_LENGTH - 1)}…`]);
  });

  it('are no more than so many a minute, and the next one tells how many were left out', () => {
    const filter = new MacroLogFilter('');
    const flood = Array.from({ length: MOST_A_MINUTE + 30 }, () => logged('again'));
    expect(filter.keep(flood, 1_000)).toHaveLength(MOST_A_MINUTE);
    expect(filter.keep([logged('again')], 59_000)).toEqual([]);
    expect(filter.keep([logged('later'), logged('more')], 61_000)).toMatchObject([
      { payload: { message: 'later', leftOut: 31 } },
      { payload: { message: 'more', leftOut: 0 } },
    ]);
  });
});
