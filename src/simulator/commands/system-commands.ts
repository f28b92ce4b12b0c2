import { X509Certificate } from 'node:crypto';
import type { ContentStores, DeviceMacro } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import type { JsonTree } from '../node-tree.ts';
import type { Standby } from '../standby.ts';
import type { WebSessions } from '../web-sessions.ts';
import { answer, type CommandCall, type CommandOutcome, type CommandTable, done, failed } from './command.ts';

export interface SystemParts {
  readonly core: DeviceCore;
  readonly standby: Standby;
  readonly content: ContentStores;
  readonly sessions: WebSessions;
  readonly isInUse: () => boolean;
  readonly share: (isSharing: boolean) => void;
  readonly reboot: (action: string) => void;
}

/** Standby, sharing, boot, sessions, certificates, macros and the sign-in banner. */
export function systemCommands(parts: SystemParts): CommandTable {
  return {
    ...standbyCommands(parts),
    ...macroCommands(parts),
    ...securityCommands(parts),
    ...bootCommands(parts),
  };
}

function standbyCommands({ standby, share }: SystemParts): CommandTable {
  const act = (run: () => void) => (): CommandOutcome => {
    run();
    return done;
  };
  return {
    'Standby/Activate': act(() => standby.activate()),
    'Standby/Deactivate': act(() => standby.deactivate()),
    'Standby/Halfwake': act(() => standby.halfwake()),
    'Presentation/Start': act(() => share(true)),
    'Presentation/Stop': act(() => share(false)),
    'Standby/ResetTimer': ({ args }) => {
      standby.resetTimer(args.number('Delay', 1));
      return done;
    },
  };
}

function bootCommands({ content, isInUse, reboot }: SystemParts): CommandTable {
  return {
    'SystemUnit/Boot': ({ args }) => {
      if (args.text('Force', 'True') === 'False' && isInUse()) return failed('Device is in use');
      reboot(args.text('Action', 'Restart'));
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

function securityCommands({ sessions, content }: SystemParts): CommandTable {
  return {
    'Security/Session/List': () =>
      answer({
        Session: sessions.list().map((session, at) => ({
          Id: session.id,
          StartTime: session.openedAt,
          Type: 'WebAPI',
          UserName: session.user,
          id: at + 1,
        })),
      }),
    'Security/Session/Terminate': ({ args }) =>
      sessions.terminate(args.text('SessionId')) ? done : failed('Session not found'),
    'Security/Certificates/CA/Add': ({ body }) => addAuthority(content, body),
    'Security/Certificates/CA/Show': ({ args }) =>
      answer({
        Certificates: content.certificateAuthorities.map((pem, at) => ({
          ...describe(pem, args.text('Format') === 'PEM'),
          id: at + 1,
        })),
      }),
    'Security/Certificates/CA/Delete': ({ args }) => {
      const wanted = args.text('Fingerprint').toLowerCase();
      const at = content.certificateAuthorities.findIndex((pem) => fingerprintOf(pem) === wanted);
      if (at < 0) return failed('Certificate not found');
      content.certificateAuthorities.splice(at, 1);
      return done;
    },
  };
}

function addAuthority(content: ContentStores, body: string): CommandOutcome {
  const pem = body.trim();
  if (!isCertificate(pem)) return failed('Invalid certificate');
  if (content.certificateAuthorities.includes(pem)) return failed('Certificate already exists');
  content.certificateAuthorities.push(pem);
  return done;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint !== '';
  } catch {
    return false;
  }
}

function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint.replaceAll(':', '').toLowerCase();
}

function describe(pem: string, asPem: boolean): { [name: string]: JsonTree } {
  if (asPem) return { Certificate: pem, Fingerprint: fingerprintOf(pem) };
  const certificate = new X509Certificate(pem);
  return {
    Fingerprint: fingerprintOf(pem),
    IssuerName: certificate.issuer,
    NotAfter: certificate.validTo,
    NotBefore: certificate.validFrom,
    SubjectName: certificate.subject,
  };
}

/** Macros on the device; each command is refused while `Macros Mode` is Off, its default (SC). */
function macroCommands({ core, content }: SystemParts): CommandTable {
  const guarded =
    (run: (call: CommandCall) => CommandOutcome) =>
    (call: CommandCall): CommandOutcome =>
      core.configuration.get('Macros.Mode') === 'Off' ? failed('Macros are disabled') : run(call);
  const withMacro = (act: (macro: DeviceMacro, call: CommandCall) => CommandOutcome) =>
    guarded((call) => {
      const macro = content.macros.get(call.args.text('Name'));
      return macro === undefined ? failed('No such macro') : act(macro, call);
    });
  const activate = (active: boolean) =>
    withMacro((macro) => {
      macro.active = active;
      return done;
    });
  return {
    'Macros/Macro/Save': guarded(({ args, body }) => {
      const name = args.text('Name');
      const present = content.macros.get(name);
      if (present !== undefined && args.text('Overwrite', 'True') === 'False')
        return failed('Macro already exists');
      content.macros.set(name, { name, source: body, active: present?.active ?? false });
      return answer({ Name: name });
    }),
    'Macros/Macro/Get': guarded(({ args }) => {
      const wanted = args.text('Name');
      const withContent = args.text('Content', 'False') === 'True';
      const macros = [...content.macros.values()].filter(({ name }) => wanted === '' || name === wanted);
      if (wanted !== '' && macros.length === 0) return failed('No such macro');
      return answer({
        Macro: macros.map(({ name, source, active }, at) => ({
          Active: active ? 'True' : 'False',
          ...(withContent ? { Content: source } : {}),
          Name: name,
          id: at + 1,
        })),
      });
    }),
    'Macros/Macro/Activate': activate(true),
    'Macros/Macro/Deactivate': activate(false),
    'Macros/Macro/Remove': withMacro(({ name }) => {
      content.macros.delete(name);
      return done;
    }),
    'Macros/Macro/RemoveAll': guarded(() => {
      content.macros.clear();
      return done;
    }),
    'Macros/Runtime/Restart': guarded(() => {
      content.restartMacros();
      return done;
    }),
    'Macros/Runtime/Status': guarded(() =>
      answer({
        ActiveMacros: [...content.macros.values()].filter(({ active }) => active).length,
        Running: 'True',
      }),
    ),
  };
}
