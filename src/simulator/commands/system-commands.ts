import type { ContentStores } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import type { Standby } from '../standby.ts';
import type { WebSessions } from '../web-sessions.ts';
import { certificateCommands } from './certificate-commands.ts';
import { answer, type CommandHandler, type CommandTable, done, failed } from './command.ts';
import { macroCommands } from './macro-commands.ts';

export interface SystemParts {
  readonly core: DeviceCore;
  readonly standby: Standby;
  readonly content: ContentStores;
  readonly sessions: WebSessions;
  readonly isInUse: () => boolean;
  readonly share: (isSharing: boolean) => void;
  readonly reboot: (action: string) => void;
  /** Fetches software from a URL and restarts with it. */
  readonly upgrade: (url: string) => void;
}

/** Standby, sharing, boot, upgrades, sessions, certificates, macros and the sign-in banner. */
export function systemCommands(parts: SystemParts): CommandTable {
  return {
    ...standbyCommands(parts),
    ...macroCommands(parts.core, parts.content),
    ...sessionCommands(parts),
    ...accountCommands(parts),
    ...certificateCommands(parts.core, parts.content),
    ...bootCommands(parts),
  };
}

/** A command that always works and answers nothing. */
function doing(run: () => void): CommandHandler {
  return () => {
    run();
    return done;
  };
}

function standbyCommands({ standby, share }: SystemParts): CommandTable {
  return {
    'Standby/Activate': doing(() => standby.activate()),
    'Standby/Deactivate': doing(() => standby.deactivate()),
    'Standby/Halfwake': doing(() => standby.halfwake()),
    'Presentation/Start': doing(() => share(true)),
    'Presentation/Stop': doing(() => share(false)),
    'Standby/ResetTimer': ({ args }) => {
      standby.resetTimer(args.number('Delay', 1));
      return done;
    },
  };
}

function bootCommands({ core, content, isInUse, reboot, upgrade }: SystemParts): CommandTable {
  return {
    'SystemUnit/SoftwareUpgrade': ({ args }) => {
      const url = args.text('URL');
      if (!/^https?:\/\//.test(url)) return failed('Invalid URL');
      if (args.text('Forced', 'True') === 'False' && isInUse()) return failed('Device is in use');
      upgrade(url);
      return core.settings.upgradeReply === 'at-once' ? done : { ...answer({}), unanswered: true };
    },
    'SystemUnit/Boot': ({ args }) => {
      if (args.text('Force', 'True') === 'False' && isInUse()) return failed('Device is in use');
      reboot(args.text('Action', 'Restart'));
      return done;
    },
    'Message/Send': ({ args }) => {
      core.event('Message.Send', { Text: args.text('Text') });
      return done;
    },
    'SystemUnit/SignInBanner/Set': ({ body }) => {
      content.signInBanner = body;
      return done;
    },
    'SystemUnit/SignInBanner/Get': () => answer({ Body: content.signInBanner }),
    'SystemUnit/SignInBanner/Clear': () => {
      content.signInBanner = '';
      return done;
    },
  };
}

/** No capture tells the shape of the answer, hence `rolesShape`. */
function accountCommands({ core }: SystemParts): CommandTable {
  return {
    'UserManagement/User/Get': ({ args, user }) => {
      const username = args.text('Username', user);
      if (username !== user) return failed('User not found');
      const { accountRoles, rolesShape } = core.settings;
      const roles =
        rolesShape === 'text'
          ? { Roles: accountRoles.join(';') }
          : { Role: accountRoles.map((role, at) => ({ Role: role, id: at + 1 })) };
      return answer({ User: { Active: 'True', ...roles, Username: username } });
    },
  };
}

function sessionCommands({ sessions }: SystemParts): CommandTable {
  return {
    'Security/Session/List': () =>
      answer({
        Session: sessions.listed().map((session, at) => ({ ...session, id: at + 1 })),
      }),
    'Security/Session/Terminate': ({ args }) =>
      sessions.terminate(args.text('SessionId')) ? done : failed('Session not found'),
  };
}
