import { type PlanOutput, plan } from '../../actions/plan.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { planLines } from '../plan-text.ts';
import { withVerbs } from '../verbs.ts';

export const planCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('plan')
    .description('what differs between the file and the devices; writes nothing')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('--fresh', 'read every device, also where its session keeps what is known current')
    .option('--all', 'each device by itself, also where many have the same lines')
    .addHelpText(
      'after',
      '\nThe daemon reads a device once; while its session reports changes, further plans read only what is not\nknown, and say as of when. Without a daemon every plan reads. An apply always reads.\n\nA device that is retired or protected is left out unless -d calls it by its name.\n\nExit code 0: all as the file says; 3: something differs; 1: a device could not be asked.',
    )
    .action(
      handler<{ devices?: string; fresh?: boolean; all?: boolean }>(finish, (options) =>
        withVerbs(options, context, async (verbs) => {
          const output = await verbs.perform(plan, {
            devices: options.devices ?? null,
            fresh: options.fresh ?? false,
          });
          if (options.json) terminal.out(JSON.stringify(output, null, 2));
          else for (const line of planLines(output, terminal, options)) terminal.out(line);
          return planExitCode(output);
        }),
      ),
    );
};

export function planExitCode({ summary }: PlanOutput): number {
  if (summary.failed > 0) return EXIT.failed;
  return summary.changes > 0 || summary.problems > 0 ? EXIT.pending : EXIT.ok;
}
