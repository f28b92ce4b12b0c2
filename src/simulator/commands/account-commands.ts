import type { DeviceCore } from '../device-core.ts';
import type { Passphrases } from '../passphrases.ts';
import type { WebSessions } from '../web-sessions.ts';
import { type CommandOutcome, type CommandTable, done, failed } from './command.ts';

export interface AccountParts {
  readonly core: DeviceCore;
  readonly passphrases: Passphrases;
  readonly sessions: WebSessions;
  /** Ends the wss clients of a user once the present answer is out. */
  readonly endSockets: (username: string) => void;
}

/** The passphrases of local accounts (vendor schemas); an account changes its own, an administrator sets anyone's. */
export function accountCommands(parts: AccountParts): CommandTable {
  const { passphrases } = parts;
  return {
    'UserManagement/User/Passphrase/Change': ({ args, user }) => {
      if (!passphrases.isRight(user, args.text('OldPassphrase'))) {
        passphrases.wrongOld(user);
        return failed('The old passphrase is not right');
      }
      return change(parts, { username: user, args });
    },
    'UserManagement/User/Passphrase/Set': ({ args, user }) => {
      const username = args.text('Username');
      const yours = args.list('YourPassphrase')[0];
      if (yours !== undefined && !passphrases.isRight(user, yours)) {
        passphrases.wrongOld(user);
        return failed('Your passphrase is not right');
      }
      if (!passphrases.has(username)) return failed('No such user');
      return change(parts, { username, args });
    },
  };
}

function change(
  { core, passphrases, sessions, endSockets }: AccountParts,
  { username, args }: { username: string; args: { text(name: string): string } },
): CommandOutcome {
  const mishap = passphrases.mishap();
  if (mishap === 'kept') return done;
  const refusal = mishap === 'cut-unmade' ? null : passphrases.change(username, args.text('NewPassphrase'));
  if (mishap !== null) {
    core.after(0, () => passphrases.cut());
    return { kind: 'ok', result: {}, unanswered: true };
  }
  if (refusal !== null) return failed(refusal);
  const isAsked = args.text('SecurityAction') === 'InvalidateAllUserSessions';
  if (isAsked || core.settings.passphraseEndsSessions) {
    sessions.endOf(username);
    endSockets(username);
  }
  return done;
}
