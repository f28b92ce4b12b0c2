import type { ShownApplied } from '../../actions/present.ts';
import { lookBeforeReplace, type ReplaceLook, replace, sameUnit } from '../../actions/replace.ts';
import { changedPlaces } from '../../actions/trust.ts';
import { readFingerprint, Wrong } from '../../fleet/forms.ts';
import { certificateLookLines } from '../certificate-text.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { deviceAppliedLines, exitCodeOfDevice } from '../one-device-text.ts';
import { unitLookLines } from '../unit-text.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

interface ReplaceOptions {
  readonly serial?: string;
  readonly certificate?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

export const replaceCommand: AddCommand = (program, context, finish) => {
  program
    .command('replace <device>')
    .description('take up the unit that stands in the place of another, and bring it to the approved state')
    .option('--serial <number>', 'the serial number of the new unit; no other is taken')
    .option('--certificate <fingerprint>', 'the SHA-256 fingerprint of its certificate; no other is taken')
    .option('-y, --yes', 'do not ask; needs --serial, so that the unit is named')
    .option('--force', 'write also where the room is in use')
    .addHelpText(
      'after',
      '\nFirst the certificate is looked at by a TLS handshake; the password is sent only once you have accepted it. Then who answers is shown beside who is on record. What roomd had put onto the old unit is forgotten, the history goes on under the same name, and what was approved is written and proven; the feedback slot is kept by the daemon.\nTwo units that changed places are recognised and left as they are: correct "host" in the file instead.\nExit code 0: taken up and proven; 1: something failed, or the unit needs its account first; 3: part of it waits, or you said no.',
    )
    .action(
      handler<ReplaceOptions>(finish, (options, [name = '']) =>
        withVerbs(options, context, (verbs) => takeUp(verbs, { ...options, name }, context)),
      ),
    );
};

type Replacing = GlobalOptions & ReplaceOptions & { readonly name: string };

async function takeUp(verbs: Verbs, options: Replacing, context: CliContext): Promise<number> {
  const { name, json, force = false } = options;
  const { terminal } = context;
  refuseBeside(replace, verbs.otherFile);
  refuseUnasked(options, context);
  const accepted = await lookInSteps(verbs, options, context);
  if (typeof accepted === 'number') return accepted;
  const { certificate, look } = accepted;
  const serial = await unitToAccept(look, options, context);
  if (typeof serial === 'number') return serial;
  const { device, applied } = await verbs.perform(replace, { name, serial, certificate, force });
  if (json) terminal.out(JSON.stringify({ device, applied }, null, 2));
  else for (const line of replacedLines({ name, serial, applied }, verbs, context)) terminal.out(line);
  return applied === null ? EXIT.ok : exitCodeOfDevice(applied);
}

function refuseUnasked({ serial, yes = false, json }: Replacing, { terminal }: CliContext): void {
  if (yes && serial === undefined)
    throw new ExitError(EXIT.usage, '--yes needs --serial NUMBER, so that it is said which unit is meant');
  if (yes) return;
  if (json) throw new ExitError(EXIT.usage, 'with --json nobody is asked: give --serial NUMBER --yes');
  if (!terminal.isInteractive)
    throw new ExitError(EXIT.usage, 'there is no terminal to ask on: give --serial NUMBER --yes');
}

/** The certificate first, then, to one that is on record or was accepted, the login; an exit code where it ends before. */
async function lookInSteps(
  verbs: Verbs,
  { name, certificate: text, yes = false, json }: Replacing,
  { terminal, signal }: CliContext,
): Promise<{ readonly certificate: string | null; readonly look: ReplaceLook } | number> {
  const named = text === undefined ? null : readFingerprint(text);
  if (named instanceof Wrong) throw new ExitError(EXIT.usage, named.message);
  const first = await verbs.perform(lookBeforeReplace, { name, certificate: named });
  const { certificate } = first;
  const say = json ? terminal.err : terminal.out;
  for (const line of certificateLookLines(name, certificate, terminal)) say(line);
  if (certificate.shown === null) return EXIT.failed;
  if (certificate.isPinnedInFile && !certificate.isSame)
    throw new ExitError(
      EXIT.failed,
      `the file itself gives the certificate of ${name}: write the new fingerprint under tls: pin: there first`,
    );
  if (first.unit !== null) return { certificate: named, look: first };
  const question = `Accept this certificate, and send the password of ${name} there?`;
  if (!yes && !(await terminal.confirm(question, signal))) {
    say('Nothing was sent and nothing was changed.');
    return EXIT.pending;
  }
  const { fingerprint256: accepted } = certificate.shown;
  const look = await verbs.perform(lookBeforeReplace, { name, certificate: accepted });
  return { certificate: accepted, look };
}

/** The serial number that a person accepts; an exit code where there is none to accept. */
async function unitToAccept(
  { name, unit, bootstrap }: ReplaceLook,
  { serial, yes = false, json }: Replacing,
  { terminal, signal }: CliContext,
): Promise<string | number> {
  const say = json ? terminal.err : terminal.out;
  if (bootstrap !== null) throw new ExitError(EXIT.failed, bootstrap);
  if (unit === null) throw new ExitError(EXIT.failed, `${name} no longer answers`);
  for (const line of unitLookLines(name, unit)) say(line);
  const { shown, recorded, belongsTo } = unit;
  if (shown === null) return EXIT.failed;
  if (belongsTo !== null) throw new ExitError(EXIT.failed, changedPlaces(name, shown.serial, belongsTo));
  if (shown.serial === recorded.serial) throw new ExitError(EXIT.failed, sameUnit(name, shown.serial));
  if (serial !== undefined && serial !== shown.serial)
    throw new ExitError(
      EXIT.failed,
      `the unit that answers for ${name} has the serial number ${shown.serial}, not ${serial}: nothing was changed`,
    );
  const question = `Is ${shown.serial} the unit that ${name} is to be from now on? What was approved is written to it.`;
  if (yes || (await terminal.confirm(question, signal))) return shown.serial;
  say('Nothing was changed.');
  return EXIT.pending;
}

function replacedLines(
  { name, serial, applied }: { name: string; serial: string; applied: ShownApplied | null },
  { isDaemon }: Verbs,
  { terminal }: CliContext,
): string[] {
  const head = `${name} is now the unit ${serial}.`;
  if (applied === null)
    return [head, `Nothing was approved for it, so nothing was written: roomd apply -d ${name}`];
  const waits = applied.changes.some(({ result }) => result === 'waiting' || result === 'held');
  return [
    head,
    ...deviceAppliedLines(applied, terminal),
    ...(waits
      ? [
          isDaemon
            ? 'The daemon finishes what waits as soon as the room is free.'
            : `Nobody finishes what waits: no daemon runs. Run roomd apply -d ${name} when the room is free, or start roomd run.`,
        ]
      : []),
  ];
}
