import { suffices } from '../../actions/action.ts';
import type { Role } from '../../fleet/fleet.ts';
import type { Command } from '../parse.ts';
import type { CommandOf, Talk } from '../talk.ts';
import { call, hold, mute, plan, release, run, unhold } from './acting.ts';
import { find, offline, status, why } from './asking.ts';

/** Commands that this table carries out; the bot itself sees to the others. */
type Carried = Exclude<Command['kind'], 'answer' | 'word'>;

const help: CommandOf<'help'> = {
  role: 'viewer',
  usage: 'help',
  about: 'this list',
  run: ({ kind: _kind }, { caller }) => Promise.resolve(helpFor(caller.role)),
};

const COMMANDS: { readonly [Kind in Carried]: CommandOf<Kind> } = {
  help,
  status,
  offline,
  find,
  why,
  plan,
  mute,
  call,
  release,
  run,
  hold,
  'release hold': unhold,
};

/** What somebody must be to have this done. */
export function roleFor({ kind }: Command): Role {
  return kind === 'answer' || kind === 'word' ? 'operator' : COMMANDS[kind].role;
}

export function carryOut(command: Command & { readonly kind: Carried }, talk: Talk): Promise<string> {
  // The table has for each kind what carries out commands of that kind.
  return (COMMANDS[command.kind] as CommandOf<Carried>).run(command, talk);
}

function helpFor(role: Role): string {
  const mine = Object.values(COMMANDS).filter((command) => suffices(role, command.role));
  const lines = mine.map(({ usage, about }) => `- \`${usage}\`: ${about}`);
  return `You may say (as ${role}):\n\n${lines.join('\n')}`;
}
