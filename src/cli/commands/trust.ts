import type { ShownDevice } from '../../actions/shown-device.ts';
import { changedPlaces, lookBeforeTrust, pinObstacle, trust } from '../../actions/trust.ts';
import { readFingerprint, Wrong } from '../../fleet/forms.ts';
import { certificateLookLines } from '../certificate-text.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { unitLookLines } from '../unit-text.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

interface TrustOptions {
  /** `true` where no fingerprint was named: look, show and ask. */
  readonly certificate?: string | true;
  readonly serial?: string | true;
  readonly retryLogin?: boolean;
  readonly yes?: boolean;
}

export const trustCommand: AddCommand = (program, context, finish) => {
  program
    .command('trust <device>')
    .description('vouch for what a device shows now, after it was shown')
    .option(
      '--certificate [fingerprint]',
      'show the certificate on record and the present one, ask, and pin the present one; with its SHA-256 fingerprint nothing is asked',
    )
    .option(
      '--serial [number]',
      'show who is on record and who answers, ask, and bind to who answers; with its serial number nothing is asked',
    )
    .option(
      '--retry-login',
      'try a refused password once more (RoomOS 26 locks an account after five failures)',
    )
    .option('-y, --yes', 'do not ask: accept what is shown')
    .addHelpText(
      'after',
      '\nThe certificate is looked at by a TLS handshake, without a login, and exactly the one that was shown is pinned. Compare it with what the device itself shows on its web page.\nA unit that was replaced is taken up by `roomd replace DEVICE`, which brings it to the approved state as well.\nExit code 0: accepted, or there was nothing to accept; 1: the device does not answer or showed something else; 3: you said no.',
    )
    .action(
      handler<TrustOptions>(finish, (options, [name = '']) =>
        withVerbs(options, context, (verbs) => vouch(verbs, { ...options, name }, context)),
      ),
    );
};

type Vouching = GlobalOptions & TrustOptions & { readonly name: string };

async function vouch(verbs: Verbs, options: Vouching, context: CliContext): Promise<number> {
  const { name, certificate, serial, retryLogin = false } = options;
  refuseBeside(trust, verbs.otherFile);
  if (certificate === undefined && serial === undefined && !retryLogin)
    throw new ExitError(EXIT.usage, 'say what to trust: --certificate, --serial or --retry-login');
  refuseUnasked(options, context);
  let device: ShownDevice | null = null;
  if (certificate !== undefined) {
    const wanted = await certificateToAccept(verbs, options, context);
    if (typeof wanted === 'number') return wanted;
    if (wanted !== null) device = await verbs.perform(trust, { name, certificate: wanted });
  }
  if (retryLogin) device = await verbs.perform(trust, { name, retryLogin });
  if (serial !== undefined) {
    const wanted = await serialToAccept(verbs, options, context);
    if (typeof wanted === 'number') return wanted;
    if (wanted !== null) device = await verbs.perform(trust, { name, serial: wanted });
  }
  if (options.json) context.terminal.out(JSON.stringify(device ?? { name, accepted: null }, null, 2));
  else if (retryLogin) context.terminal.out(`${name}: its password is tried once at the next contact.`);
  return EXIT.ok;
}

function refuseUnasked({ certificate, serial, yes, json }: Vouching, { terminal }: CliContext): void {
  if (yes || (certificate !== true && serial !== true)) return;
  if (json)
    throw new ExitError(
      EXIT.usage,
      'with --json nobody is asked: name the fingerprint or the serial number, or give --yes',
    );
  if (!terminal.isInteractive)
    throw new ExitError(
      EXIT.usage,
      'there is no terminal to ask on: name what you expect, --certificate SHA256:… or --serial NUMBER, or give --yes to accept whatever is shown',
    );
}

/** The fingerprint that a person accepts; null where it is on record already, an exit code where there is none. */
async function certificateToAccept(
  verbs: Verbs,
  { name, certificate, yes = false, json }: Vouching,
  { terminal, signal }: CliContext,
): Promise<string | number | null> {
  const named = certificate === true || certificate === undefined ? null : fingerprintIn(certificate);
  const look = (await verbs.perform(lookBeforeTrust, { name, what: 'certificate' })).certificate;
  if (look === null) return EXIT.failed;
  const say = json ? terminal.err : terminal.out;
  for (const line of certificateLookLines(name, look, terminal)) say(line);
  const obstacle = pinObstacle(name, look);
  if (obstacle !== null) throw new ExitError(EXIT.failed, obstacle);
  if (look.shown === null) return EXIT.failed;
  // One that was named is compared by who pins it, so that there is one sentence for it.
  if (look.isSame && (named === null || named === look.shown.fingerprint256)) {
    say('There is nothing to accept.');
    return null;
  }
  if (named !== null) return named;
  if (!yes && !(await terminal.confirm(`Accept the certificate that ${name} shows now?`, signal))) {
    say('Nothing was accepted.');
    return EXIT.pending;
  }
  return look.shown.fingerprint256;
}

function fingerprintIn(text: string): string {
  const fingerprint = readFingerprint(text);
  if (fingerprint instanceof Wrong) throw new ExitError(EXIT.usage, fingerprint.message);
  return fingerprint;
}

/** The serial number that a person accepts; null where it is on record already, an exit code where there is none. */
async function serialToAccept(
  verbs: Verbs,
  { name, serial, yes = false, json }: Vouching,
  { terminal, signal }: CliContext,
): Promise<string | number | null> {
  const { serial: look } = await verbs.perform(lookBeforeTrust, { name, what: 'serial' });
  if (look === null) return EXIT.failed;
  const say = json ? terminal.err : terminal.out;
  for (const line of unitLookLines(name, look)) say(line);
  const { shown, recorded, belongsTo } = look;
  if (shown === null) return EXIT.failed;
  if (belongsTo !== null) throw new ExitError(EXIT.failed, changedPlaces(name, shown.serial, belongsTo));
  const named = serial === true || serial === undefined ? null : serial;
  if (shown.serial === recorded.serial && (named === null || named === shown.serial)) {
    say('There is nothing to accept.');
    return null;
  }
  if (named !== null) return named;
  if (
    !yes &&
    !(await terminal.confirm(`Is ${shown.serial} the unit that ${name} is to be from now on?`, signal))
  ) {
    say('Nothing was accepted.');
    return EXIT.pending;
  }
  return shown.serial;
}
