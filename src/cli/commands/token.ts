import { Option } from 'commander';
import type { Role } from '../../fleet/fleet.ts';
import { createToken } from '../../http/tokens.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';

export const tokenCommand: AddCommand = (program, { terminal }, finish) => {
  program
    .command('token')
    .description('API tokens')
    .command('create <name>')
    .description('make a token: shown once, the file keeps only its hash')
    .addOption(
      new Option('--role <role>', 'what it may do')
        .choices(['viewer', 'operator', 'admin'])
        .default('viewer'),
    )
    .addHelpText(
      'after',
      '\nviewer reads; operator also applies, holds and runs macros; admin also trusts certificates and serial numbers.',
    )
    .action(
      handler<{ role: Role }>(finish, async ({ role, json }, [name = '']) => {
        const { token, entry } = createToken(name, role);
        if (json) {
          terminal.out(JSON.stringify({ token, entry }));
          return EXIT.ok;
        }
        terminal.out(token);
        terminal.err('');
        terminal.err('Give the line above to the client; it is not shown again. Put this into fleet.yaml:');
        terminal.err('');
        terminal.err('daemon:');
        terminal.err('  tokens:');
        terminal.err(`    - { name: ${entry.name}, role: ${entry.role}, hash: "${entry.hash}" }`);
        return EXIT.ok;
      }),
    );
};
