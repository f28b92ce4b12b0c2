import type { Command } from 'commander';
import { Option } from 'commander';
import { createToken, listTokens, revokeToken, type ShownToken } from '../../actions/tokens.ts';
import type { FileToken } from '../../fleet/access/entry.ts';
import { createFileToken } from '../../fleet/access/token.ts';
import type { Role } from '../../fleet/fleet.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { table } from '../terminal.ts';
import { withRecord } from '../verbs.ts';

/** What a token or a user is made with. */
export interface AccessOptions extends GlobalOptions {
  readonly role: Role;
  readonly devices?: string;
}

export function roleOption(): Option {
  return new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'admin']);
}

export const ROLES =
  '\nviewer reads; operator also applies, holds and runs macros; admin also trusts certificates and serial numbers, and makes tokens and users.\nWith --devices it sees and touches only these, and may do nothing that concerns the fleet as a whole.';

interface CreateOptions extends AccessOptions {
  readonly expires?: string;
  readonly print?: boolean;
}

export const tokenCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  const token = program.command('token').description('API tokens: for programs, and for browsers to sign in');
  token
    .command('create <name>')
    .description('make a token: shown once, only its hash is kept')
    .addOption(roleOption().default('viewer'))
    .option('-d, --devices <selector>', 'only these devices')
    .option('--expires <when>', 'when it ends: in how long, such as 90d, or a time')
    .option('--print', 'put nothing on record: show the line for daemon.tokens in fleet.yaml instead')
    .addHelpText('after', ROLES)
    .action(
      handler<CreateOptions>(finish, async (options, [name = '']) => {
        if (options.print) return printed(name, options, context);
        const { role, devices = null, expires = null } = options;
        return withRecord(options, context, async (verbs) => {
          const made = await verbs.perform(createToken, { name, role, devices, expires });
          if (options.json) terminal.out(JSON.stringify(made, null, 2));
          else terminal.out(made.token);
          if (!options.json) for (const line of wordsOn(made)) terminal.err(line);
          return EXIT.ok;
        });
      }),
    );
  list(token, context, finish);
  token
    .command('revoke <name>')
    .description('take a token out of the database; whoever uses it is shut out at once')
    .option('--even-last', 'also the last admin, or the last of all tokens and users')
    .action(
      handler<GlobalOptions & { evenLast?: boolean }>(finish, (options, [name = '']) =>
        withRecord(options, context, async (verbs) => {
          const { note } = await verbs.perform(revokeToken, { name, evenLast: options.evenLast ?? false });
          if (options.json) terminal.out(JSON.stringify({ name, note }, null, 2));
          else terminal.out(`Revoked: ${name}${note === null ? '' : `; ${note}`}`);
          return EXIT.ok;
        }),
      ),
    );
};

function list(token: Command, context: CliContext, finish: Parameters<AddCommand>[2]): void {
  const { terminal } = context;
  token
    .command('list')
    .description('show the tokens of the fleet file and of the database')
    .action(
      handler<GlobalOptions>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const { items } = await verbs.perform(listTokens, {});
          if (options.json) terminal.out(JSON.stringify({ items }, null, 2));
          else if (items.length === 0) terminal.out('There are no tokens.');
          else for (const line of table([HEAD, ...items.map(row)], terminal.columns)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
}

const HEAD = ['NAME', 'ROLE', 'DEVICES', 'MADE', 'EXPIRES', 'LAST USED', 'IN'];

function row({ name, role, devices, made, expires, lastUsed, place }: ShownToken): string[] {
  return [name, role, devices ?? 'all', day(made), day(expires), day(lastUsed), place];
}

/** A day and minute, in UTC. */
export function day(at: string | null): string {
  return at === null ? '-' : `${at.slice(0, 16)}Z`;
}

function wordsOn({ expires, note }: { expires: string | null; note: string | null }): string[] {
  return [
    '',
    `Give the line above to the client; it is not shown again.${expires === null ? '' : ` It ends at ${expires}.`}`,
    ...(note === null ? [] : [`Mind: ${note}.`]),
  ];
}

async function printed(name: string, options: CreateOptions, { terminal }: CliContext): Promise<number> {
  if (options.expires !== undefined) {
    terminal.err('A token of the file has no end: take its line out, or make it without --print.');
    return EXIT.usage;
  }
  const { token, entry } = await createFileToken(name, options.role, options.devices ?? null);
  if (options.json) {
    terminal.out(JSON.stringify({ token, entry: written(entry) }));
    return EXIT.ok;
  }
  terminal.out(token);
  const line = Object.entries(written(entry)).map(([key, value]) => `${key}: ${quoted(value)}`);
  for (const text of [
    '',
    'Give the line above to the client; it is not shown again. Put this into fleet.yaml:',
    '',
    'daemon:',
    '  tokens:',
    `    - { ${line.join(', ')} }`,
  ])
    terminal.err(text);
  return EXIT.ok;
}

/** As the file has it. */
function written({ name, role, devices, hash }: FileToken): Readonly<Record<string, string>> {
  return { name, role, ...(devices === null ? {} : { devices }), hash };
}

function quoted(text: string): string {
  return /^[\w-]+$/.test(text) ? text : JSON.stringify(text);
}
