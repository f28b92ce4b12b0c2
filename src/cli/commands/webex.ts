import type { Command } from 'commander';
import { type AddCommand, type Finish, handler } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type AuthorizeOptions, webexAuthorize } from '../webex/authorize.ts';
import { webexDoctor } from '../webex/doctor.ts';
import { messages } from '../webex/messages.ts';
import { organizations, people } from '../webex/people.ts';
import { memberships, rooms } from '../webex/rooms.ts';
import { runVerb, type VerbOptions } from '../webex/run-verb.ts';
import { teamMemberships, teams } from '../webex/teams.ts';
import type { WebexResource, WebexVerb } from '../webex/verb.ts';
import { attachmentActions, webhooks } from '../webex/webhooks.ts';

const RESOURCES: readonly WebexResource[] = [
  people,
  organizations,
  teams,
  teamMemberships,
  rooms,
  memberships,
  messages,
  webhooks,
  attachmentActions,
];

export const webexCommand: AddCommand = (program, context, finish) => {
  const webex = program
    .command('webex')
    .description('Webex messaging by the credential of systems.webex: rooms, messages, people, webhooks')
    .addHelpText('after', '\nThe kinds of credentials, and what each may do: docs/webex.md.');
  webex
    .command('doctor')
    .description('whose credential it is, when it ends, and which scopes it lacks, as far as can be told')
    .addHelpText('after', '\nExit code 1 where a scope is missing. Scopes of writing are not tried.')
    .action(handler(finish, (options) => webexDoctor(options, context)));
  webex
    .command('authorize')
    .description(
      'grant an integration: the address for a browser, which comes back to the daemon; with --redirect-uri, by hand',
    )
    .option('--redirect-uri <url>', 'another redirect URI of the integration, whose code you bring by --code')
    .option('--scopes <scopes>', 'what to ask for; what roomd’s verbs need where nothing is said')
    .option('--code <code>', 'what the browser brought to the redirect URI')
    .option('--verifier <verifier>', 'what the first call printed beside the address')
    .action(handler<AuthorizeOptions>(finish, (options) => webexAuthorize(options, context)));
  for (const resource of RESOURCES) addResource(webex, resource, context, finish);
};

function addResource(webex: Command, resource: WebexResource, context: CliContext, finish: Finish): void {
  const parent = webex.command(resource.name).description(resource.description);
  for (const verb of resource.verbs) addVerb(parent, resource, verb, { context, finish });
}

function addVerb(
  parent: Command,
  resource: WebexResource,
  verb: WebexVerb,
  { context, finish }: { context: CliContext; finish: Finish },
): void {
  const command = parent.command(verb.use).description(verb.description);
  for (const [flags, description] of verb.needed ?? []) command.requiredOption(flags, description);
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  if (verb.isList === true) command.option('--most <number>', 'print at most so many');
  command.action(
    handler<VerbOptions>(finish, (options, args) => runVerb(resource, verb, { options, args }, context)),
  );
}
