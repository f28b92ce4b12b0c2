import type { ShownRun } from '../actions/macros.ts';
import type { GlobalOptions } from './context.ts';
import { EXIT } from './exit-code.ts';
import { type Terminal, table } from './terminal.ts';

/**
 * Prints one run with every step.
 * @returns the exit code: 1 where the run did not do what it is for
 */
export function showRun(run: ShownRun, { json }: Pick<GlobalOptions, 'json'>, terminal: Terminal): number {
  if (json) terminal.out(JSON.stringify(run, null, 2));
  else for (const line of runText(run, terminal)) terminal.out(line);
  return run.state === 'failed' || run.state === 'interrupted' ? EXIT.failed : EXIT.ok;
}

function runText(run: ShownRun, { style, columns }: Terminal): string[] {
  const where = run.device === null ? 'for the fleet' : `on ${run.device}`;
  return [
    style('bold', `${run.macro} ${where}: ${run.state}`),
    ...(run.reason === null ? [] : [`  ${run.reason}`]),
    `  set off ${run.trigger.startsWith('by ') ? '' : 'by '}${run.trigger}, due ${run.dueAt}; id ${run.id}`,
    ...(run.steps.length === 0
      ? []
      : [
          '',
          ...table(
            [
              ['STEP', 'WHAT', 'STATE', 'WHAT CAME OF IT'],
              ...run.steps.map(({ path, step, device, state, result }) => [
                path,
                device === null || device === run.device ? step : `${step} on ${device}`,
                state,
                result ?? '',
              ]),
            ],
            columns,
          ),
        ]),
  ];
}
