import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { conformance } from '../../actions/conformance.ts';
import type { ConformanceReport } from '../../xapi/conformance/report.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { count } from '../terminal.ts';
import { withVerbs } from '../verbs.ts';

export const conformanceCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('conformance <device>')
    .description('how a device behaves where its documents leave it open, as a report that names nobody')
    .option('--out <file>', 'write the report there, as JSON')
    .addHelpText(
      'after',
      '\nIt reads: no setting is written, nothing shows in the room, and no password is sent but the right one. For a few seconds it holds a session, two websockets and some sixty subscriptions of its own. The report holds product and software version, and neither serial number, address nor name; look it over before you send it.',
    )
    .action(
      handler<{ out?: string }>(finish, (options, [name = '']) =>
        withVerbs(options, context, async (verbs) => {
          const file = options.out === undefined ? null : resolve(context.workingDirectory, options.out);
          if (file !== null && existsSync(file))
            throw new ExitError(
              EXIT.failed,
              `${file} is there already and is not written over: name another`,
            );
          const report = await verbs.perform(conformance, { name });
          const text = JSON.stringify(report, null, 2);
          if (file !== null) {
            await writeFile(file, `${text}\n`, { flag: 'wx' });
            if (!options.json) terminal.out(`${file} holds the report. Look it over before you send it.`);
          }
          if (options.json) terminal.out(text);
          else if (file === null) for (const line of lines(report)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
};

function lines({ product, software, probes, notAsked }: ConformanceReport): string[] {
  return [
    `${product}, ${software}`,
    '',
    ...probes.flatMap(({ question, seen, setting, choice }) => [
      question,
      `    ${seen}${setting === null || choice === null ? '' : `  (simulator: ${setting}=${String(choice)})`}`,
    ]),
    '',
    `${count(notAsked.length, 'question')} cannot be answered by looking: ${notAsked.map(({ setting }) => setting).join(', ')}.`,
  ];
}
