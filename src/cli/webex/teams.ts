import { AS_MODERATOR, moderatorVerb, newMember, PERSON } from './members.ts';
import { idOf, neededText, plainVerbs, textOf, type WebexResource } from './verb.ts';

const team = plainVerbs('team', ({ teams: verbs }) => verbs);
const NAME = ['--name <name>', 'its name'] as const;
const DESCRIPTION = ['--description <text>', 'what it is for'] as const;

export const teams: WebexResource = {
  name: 'teams',
  description: 'teams',
  columns: ['id', 'name', 'description', 'created'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'the teams that one is in',
      run: ({ teams: verbs }, given) => verbs.list({}, given),
    },
    team.get,
    {
      use: 'create',
      description: 'make a team',
      needed: [NAME],
      options: [DESCRIPTION],
      run: ({ teams: verbs }, given) =>
        verbs.create({ name: neededText(given, 'name'), description: textOf(given, 'description') }, given),
    },
    {
      use: 'update <id>',
      description: 'rename a team',
      needed: [NAME],
      options: [DESCRIPTION],
      run: ({ teams: verbs }, given) =>
        verbs.update(
          idOf(given),
          { name: neededText(given, 'name'), description: textOf(given, 'description') },
          given,
        ),
    },
    team.delete,
  ],
};

const member = plainVerbs('team membership', ({ teamMemberships: verbs }) => verbs);
const TEAM = ['--team <id>', 'the team'] as const;

export const teamMemberships: WebexResource = {
  name: 'team-memberships',
  description: 'who is in a team',
  columns: ['id', 'personEmail', 'personDisplayName', 'isModerator'],
  verbs: [
    {
      use: 'list',
      isList: true,
      description: 'who is in a team',
      needed: [TEAM],
      run: ({ teamMemberships: verbs }, given) => verbs.list({ teamId: neededText(given, 'team') }, given),
    },
    member.get,
    {
      use: 'add',
      description: 'add a person to a team',
      needed: [TEAM, PERSON],
      options: [AS_MODERATOR],
      run: ({ teamMemberships: verbs }, given) =>
        verbs.create({ teamId: neededText(given, 'team'), ...newMember(given) }, given),
    },
    moderatorVerb(({ teamMemberships: verbs }) => verbs),
    member.delete,
  ],
};
