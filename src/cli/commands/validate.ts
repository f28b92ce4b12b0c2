import { formatProblem, type Problem } from '../../fleet/problem.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { loadFile } from '../fleet-file.ts';
import { count } from '../terminal.ts';

export const validateCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('validate')
    .description('check the fleet file: every problem at once, with its line; nothing is contacted')
    .option('--require-secrets', 'a secret that is not to be had here is an error, not a warning')
    .addHelpText(
      'after',
      '\nExit code 0: valid; 4: not, with each problem as FILE:LINE:COLUMN, what is wrong and what would be right. With --json the problems come as a list.',
    )
    .action(
      handler<{ requireSecrets?: boolean }>(finish, async (options) => {
        const missingSecrets: Problem['severity'] = options.requireSecrets ? 'error' : 'warning';
        const { fleet, problems } = await loadFile(options, context, {
          missingSecrets,
          missingServiceSecrets: missingSecrets,
        });
        if (options.json) {
          terminal.out(
            JSON.stringify({ valid: fleet !== null, devices: fleet?.devices.length ?? 0, problems }, null, 2),
          );
        } else {
          for (const problem of problems) terminal.err(formatProblem(problem));
          if (fleet === null) terminal.err(`${count(errorsIn(problems), 'problem')} in ${options.fleet}`);
          else {
            terminal.out(`${options.fleet} is valid: ${count(fleet.devices.length, 'device')}.`);
            terminal.out('Whether devices take the values is judged by roomd lint and roomd plan.');
          }
        }
        return fleet === null ? EXIT.invalidFleet : EXIT.ok;
      }),
    );
};

function errorsIn(problems: readonly Problem[]): number {
  return problems.filter(({ severity }) => severity === 'error').length;
}
