import type { Command } from 'commander';
import type { ShownAccess } from '../../actions/access.ts';
import { changeUser, createUser, listUsers, removeUser, setPassword } from '../../actions/users.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { table } from '../terminal.ts';
import { withRecord } from '../verbs.ts';
import { type AccessOptions, day, ROLES, roleOption } from './token.ts';

type Finish = Parameters<AddCommand>[2];

interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

export const userCommand: AddCommand = (program, context, finish) => {
  const user = program.command('user').description('people who sign in to the API with a password');
  create(user, context, finish);
  list(user, context, finish);
  password(user, context, finish);
  change(user, context, finish);
  remove(user, context, finish);
};

function create(user: Command, context: CliContext, finish: Finish): void {
  user
    .command('create <name>')
    .description('let somebody sign in; the password is asked for')
    .addOption(roleOption().default('viewer'))
    .option('-d, --devices <selector>', 'only these devices')
    .option('--password-stdin', 'read the password from standard input')
    .addHelpText('after', ROLES)
    .action(
      handler<AccessOptions & PasswordOptions>(finish, async (options, [name = '']) => {
        const { role, devices = null } = options;
        const secret = await passwordFor(name, options, context);
        return withRecord(options, context, async (verbs) => {
          const made = await verbs.perform(createUser, { name, role, devices, password: secret });
          return told(made, `Made: ${name}, ${role}`, options, context);
        });
      }),
    );
}

function list(user: Command, context: CliContext, finish: Finish): void {
  const { terminal } = context;
  user
    .command('list')
    .description('show who may sign in')
    .action(
      handler<GlobalOptions>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const { items } = await verbs.perform(listUsers, {});
          if (options.json) terminal.out(JSON.stringify({ items }, null, 2));
          else if (items.length === 0) terminal.out('There are no users.');
          else for (const line of table([HEAD, ...items.map(row)], terminal.columns)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
}

function password(user: Command, context: CliContext, finish: Finish): void {
  user
    .command('passwd <name>')
    .description('give somebody another password; signs them out everywhere')
    .option('--password-stdin', 'read the password from standard input')
    .action(
      handler<GlobalOptions & PasswordOptions>(finish, async (options, [name = '']) => {
        const secret = await passwordFor(name, options, context);
        return withRecord(options, context, async (verbs) => {
          const changed = await verbs.perform(setPassword, { name, password: secret });
          return told(
            changed,
            `${name} has another password, and is signed out everywhere`,
            options,
            context,
          );
        });
      }),
    );
}

interface ChangeOptions extends GlobalOptions {
  readonly role?: AccessOptions['role'];
  readonly devices?: string;
  readonly allDevices?: boolean;
  readonly evenLast?: boolean;
}

function change(user: Command, context: CliContext, finish: Finish): void {
  user
    .command('change <name>')
    .description('give somebody another role or other devices; signs them out everywhere')
    .addOption(roleOption())
    .option('-d, --devices <selector>', 'only these devices')
    .option('--all-devices', 'the whole fleet')
    .option('--even-last', 'also the last admin')
    .action(
      handler<ChangeOptions>(finish, (options, [name = '']) =>
        withRecord(options, context, async (verbs) => {
          const { role, evenLast = false } = options;
          const devices = options.allDevices ? null : options.devices;
          const changed = await verbs.perform(changeUser, {
            name,
            evenLast,
            ...(role === undefined ? {} : { role }),
            ...(devices === undefined ? {} : { devices }),
          });
          return told(changed, `Changed: ${changed.user.name}, ${changed.user.role}`, options, context);
        }),
      ),
    );
}

function remove(user: Command, context: CliContext, finish: Finish): void {
  user
    .command('remove <name>')
    .description('take somebody out; signs them out everywhere at once')
    .option('--even-last', 'also the last admin, or the last of all tokens and users')
    .action(
      handler<GlobalOptions & { evenLast?: boolean }>(finish, (options, [name = '']) =>
        withRecord(options, context, async (verbs) => {
          const removed = await verbs.perform(removeUser, { name, evenLast: options.evenLast ?? false });
          return told(removed, `Removed: ${name}`, options, context);
        }),
      ),
    );
}

function told(
  result: { readonly note: string | null },
  sentence: string,
  { json }: GlobalOptions,
  { terminal }: CliContext,
): number {
  if (json) terminal.out(JSON.stringify(result, null, 2));
  else terminal.out(result.note === null ? sentence : `${sentence}; ${result.note}`);
  return EXIT.ok;
}

const HEAD = ['NAME', 'ROLE', 'DEVICES', 'MADE', 'LAST USED'];

function row({ name, role, devices, made, lastUsed }: ShownAccess): string[] {
  return [name, role, devices ?? 'all', day(made), day(lastUsed)];
}

/** @throws ExitError where there is nobody to ask, or two answers differ */
async function passwordFor(
  name: string,
  { passwordStdin = false }: PasswordOptions,
  { terminal, signal }: CliContext,
): Promise<string> {
  if (passwordStdin && terminal.input !== undefined) return terminal.input(signal);
  if (!terminal.isInteractive || terminal.askSecret === undefined)
    throw new ExitError(EXIT.usage, 'there is nobody to ask for the password: give it with --password-stdin');
  const first = await terminal.askSecret(`Password for ${name}: `, signal);
  const again = await terminal.askSecret('The same again: ', signal);
  if (first !== again)
    throw new ExitError(EXIT.usage, 'these were two different passwords; nothing was done');
  return first;
}
