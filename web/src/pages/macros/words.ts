import type { ShownMacro, ShownRun } from '../../../../src/actions/macros.ts';
import type { Tone } from '../../parts/shown.tsx';
import { clock } from '../../time.ts';

export const RUN_TONE: Readonly<Record<ShownRun['state'], Tone>> = {
  running: 'info',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'calm',
  'would-run': 'info',
  cancelled: 'warn',
  interrupted: 'warn',
};

export const RUN_WORD: Readonly<Record<ShownRun['state'], string>> = {
  running: 'under way',
  succeeded: 'succeeded',
  failed: 'failed',
  skipped: 'skipped',
  'would-run': 'would run',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
};

/** What set a run off, for people. */
export function setOffBy({ trigger }: Pick<ShownRun, 'trigger'>): string {
  if (trigger === 'catch-up') return 'its schedule, made up for later';
  if (trigger === 'schedule') return 'its schedule';
  return trigger.replace(/^by /, '');
}

export function whereText(device: string | null): string {
  return device ?? 'the fleet';
}

export function macroHref(name: string): string {
  return `/macros?${new URLSearchParams({ macro: name }).toString()}`;
}

export function runHref(id: string): string {
  return `/macros?run=${id}`;
}

export function whenText({ when }: Pick<ShownMacro, 'when'>): string {
  return when.length === 0 ? 'only by hand' : when.join('; or ');
}

export function nextText({ enabled, nextAt, schedule }: ShownMacro): string {
  if (!enabled) return 'never, while the file says enabled: false';
  if (nextAt !== null) return clock(nextAt);
  return schedule.length === 0 ? 'as soon as it is set off' : 'never';
}
