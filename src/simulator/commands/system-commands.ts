import { X509Certificate } from 'node:crypto';
import type { ContentStores } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import type { JsonTree } from '../node-tree.ts';
import type { Standby } from '../standby.ts';
import type { WebSessions } from '../web-sessions.ts';
import {
  answer,
  type CommandHandler,
  type CommandOutcome,
  type CommandTable,
  done,
  failed,
} from './command.ts';
import { macroCommands } from './macro-commands.ts';

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
    ...macroCommands(parts.core, parts.content),
    ...securityCommands(parts),
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
