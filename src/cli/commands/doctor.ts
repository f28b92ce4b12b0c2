import { lookup } from 'node:dns/promises';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import { doctor as doctorAction } from '../../actions/doctor.ts';
import { plan } from '../../actions/plan.ts';
import { SLOT_PROBLEM } from '../../actions/ports/slots.ts';
import type { ShownPlan } from '../../actions/present.ts';
import { remedyOf } from '../../actions/remedy.ts';
import { checkSystems } from '../../actions/systems.ts';
import { webSessions } from '../../actions/web-sessions.ts';
import type { DesiredDevice, Fleet } from '../../fleet/fleet.ts';
import { parseListen } from '../../http/server.ts';
import { counted } from '../../lib/counted.ts';
import { messageOf } from '../../lib/errors.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { count, type Terminal } from '../terminal.ts';
import { type Verbs, withVerbs } from '../verbs.ts';
import { doctorDevice } from './doctor-device.ts';

interface DoctorOptions {
  readonly devices?: string;
  readonly roundTrip?: boolean;
}

/** One thing that was tried; `remedy` says how to mend it where it failed. */
interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly remedy: string | null;
}

const PORT_WAIT_MS = 3_000;
/** Devices that are looked at the same time. */
const PARALLEL = 16;
const LEAST_FREE_BYTES = 200_000_000;

export const doctorCommand: AddCommand = (program, context, finish) => {
  program
    .command('doctor [device]')
    .description(
      'what is wrong and how to mend it: file, database, ports, then the first failing check of each device; with a device, everything about that one',
    )
    .option('-d, --devices <selector>', 'only these')
    .option(
      '--round-trip',
      'with a device: have it send one post, by a message that nobody in the room sees, over a free feedback slot that is given back; done anyway where a daemon runs in mode enforce',
    )
    .option('--no-round-trip', 'with a device: leave that out')
    .addHelpText(
      'after',
      '\nEach finding comes with what to do about it. Of each device the same is tried as with its name; what was skipped is only told there. It logs in to the devices, writes nothing to them (but for the slot of the round trip), and tries no password again that was refused. Where a daemon runs, it is the daemon that looks.\nExit code 0: all well; 1: something is wrong; 4: the file is.',
    )
    .action(
      handler<DoctorOptions>(finish, async (options, [name]) => {
        if (name === undefined && options.roundTrip === true)
          throw new ExitError(
            EXIT.usage,
            'say which device --round-trip is for: roomd doctor DEVICE --round-trip',
          );
        if (name !== undefined && options.devices !== undefined)
          throw new ExitError(EXIT.usage, 'name one device, or several with --devices, but not both');
        return name === undefined ? doctor(options, context) : doctorDevice(name, options, context);
      }),
    );
};

function doctor(options: GlobalOptions & { devices?: string }, context: CliContext): Promise<number> {
  const { terminal } = context;
  return withVerbs(options, context, async (verbs, fleet) => {
    const checks: Check[] = [
      good('fleet file', `${fleet.file} is valid: ${count(fleet.devices.length, 'device')}`),
      await databaseFolder(fleet),
      ...(await ports(fleet, verbs)),
      await feedbackUrl(fleet),
      ...(await systemChecks(verbs)),
    ];
    const { devices } = await verbs.perform(plan, { devices: options.devices ?? null });
    const tell = counted(devices.length, terminal.progress);
    const limit = pLimit(PARALLEL);
    const checked = devices.map((planned) =>
      limit(async () => {
        const check = await deviceCheck(planned, fleet, context);
        const found = check.ok ? await closerCheck(planned.name, check, verbs) : check;
        tell(`${planned.name}: ${found.ok ? 'well' : 'not well'}`);
        return found;
      }),
    );
    checks.push(...(await Promise.all(checked)));
    if (options.json) terminal.out(JSON.stringify({ checks }, null, 2));
    else for (const check of checks) for (const line of lines(check, terminal)) terminal.out(line);
    return checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
  });
}

async function databaseFolder({ daemon }: Fleet): Promise<Check> {
  const folder = dirname(daemon.databaseFile);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    const found = `${daemon.databaseFile}, ${Math.floor(freeBytes / 1_000_000)} MB free`;
    if (freeBytes >= LEAST_FREE_BYTES) return good('database', found);
    return bad('database', found, 'free some space: on a full disk webhooks are refused until there is room');
  } catch (error) {
    return bad('database', messageOf(error), `make ${folder} writable, or set daemon.database`);
  }
}

async function ports({ daemon }: Fleet, { isDaemon }: Verbs): Promise<Check[]> {
  if (isDaemon) return [good('ports', 'the running daemon holds them')];
  return [
    await portCheck('API port', daemon.listen, 'daemon.listen'),
    ...(daemon.feedback.publicUrl === null
      ? []
      : [await portCheck('webhook port', daemon.feedback.listen, 'daemon.feedback.listen')]),
  ];
}

async function portCheck(what: string, address: string, setting: string): Promise<Check> {
  const { host, port } = parseListen(address);
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    return good(what, `${address} is free`);
  } catch (error) {
    return bad(what, messageOf(error), `end what listens there, or set ${setting}`);
  }
}

async function feedbackUrl({ daemon }: Fleet): Promise<Check> {
  const { publicUrl, listen } = daemon.feedback;
  if (publicUrl === null) {
    return {
      ...good('webhook address', 'daemon.feedback.publicUrl is not set: no slots, sessions carry the facts'),
      remedy: null,
    };
  }
  try {
    const { hostname } = new URL(publicUrl);
    if (!/^[\d.:[\]]+$/.test(hostname)) await lookup(hostname);
    return good(
      'webhook address',
      `devices are told to post to ${publicUrl}; the receiver listens on ${listen}`,
    );
  } catch (error) {
    return bad(
      'webhook address',
      messageOf(error),
      'daemon.feedback.publicUrl must name this machine as devices reach it',
    );
  }
}

/** Rooms do without them; macros do not. */
async function systemChecks(verbs: Verbs): Promise<Check[]> {
  const { items } = await verbs.perform(checkSystems, {});
  return items.map(({ system, ok, found }) => {
    const what = `systems.${system}`;
    return ok
      ? good(what, found)
      : bad(what, found, `correct ${what}, or mend what is in between; macros that need it fail meanwhile`);
  });
}

/** In the order in which a person would try, up to the first that fails. */
async function deviceCheck(planned: ShownPlan, fleet: Fleet, context: CliContext): Promise<Check> {
  const { name, state, reason, product, software, hints, problems } = planned;
  const [problem] = problems;
  if (problem !== undefined)
    return bad(name, `${problem.path}: ${problem.message}`, problemRemedy(name, problem.path));
  if (state === 'in-sync' || state === 'drift') {
    const found = `${product ?? ''} ${software ?? ''} answers`.trim();
    return hints[0] === undefined
      ? good(name, found)
      : { ...good(name, `${found}; ${hints[0]}`), remedy: null };
  }
  const desired = fleet.devices.find((device) => device.name === name);
  const network =
    desired === undefined || state !== 'unreachable' ? null : await networkCheck(desired, context);
  return network ?? bad(name, reason ?? state, remedyOf(name, state));
}

function problemRemedy(name: string, path: string): string {
  if (path.startsWith('Certificate[')) return 'renew the certificate';
  if (path === SLOT_PROBLEM) return `see whose the slots are: roomd slots -d ${name}`;
  return `mend the line in the file; roomd explain ${name} ${path} shows which it is`;
}

/** What lies behind an answer that is well. */
async function closerCheck(name: string, check: Check, verbs: Verbs): Promise<Check> {
  return (await examinedCheck(name, verbs)) ?? (await sessionCheck(name, verbs)) ?? check;
}

/** Everything that is tried of one device, for the first that is wrong. */
async function examinedCheck(name: string, verbs: Verbs): Promise<Check | null> {
  const { findings } = await verbs.perform(doctorAction, { name }, { isQuiet: true });
  const first = findings.find(({ verdict }) => verdict === 'wrong');
  return first === undefined ? null : { what: name, ok: false, found: first.found, remedy: first.remedy };
}

/** A device without a free web session lets nobody in, not even a person with a browser. What it does not tell is no finding. */
async function sessionCheck(name: string, verbs: Verbs): Promise<Check | null> {
  const count = await verbs.perform(webSessions, { name }).catch(() => null);
  if (count === null || count.free >= count.leaveFree) return null;
  const { total, mostInAll, ofAccount, mostPerUser } = count;
  return bad(
    name,
    `${total} of ${mostInAll} web sessions are open, ${ofAccount} of ${mostPerUser} of this account`,
    'end those that nobody uses (xCommand Security Session List, then Terminate), or restart the device; roomd ends its own by itself',
  );
}

async function networkCheck(
  { name, host, port }: DesiredDevice,
  { clock }: CliContext,
): Promise<Check | null> {
  let address = host;
  try {
    address = (await lookup(host)).address;
  } catch {
    return bad(name, `the name ${host} does not resolve`, 'correct host in the file, or the name server');
  }
  const failure = await new Promise<string | null>((resolve) => {
    const socket = connect({ host: address, port });
    const end = (result: string | null): void => {
      cancel();
      socket.destroy();
      resolve(result);
    };
    const cancel = clock.after(PORT_WAIT_MS, () => end('no answer'));
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(error.message));
  });
  if (failure === null) return null;
  return bad(name, `nothing answers at ${address} port ${port}: ${failure}`, remedyOf(name, 'unreachable'));
}

function good(what: string, found: string): Check {
  return { what, ok: true, found, remedy: null };
}

function bad(what: string, found: string, remedy: string): Check {
  return { what, ok: false, found, remedy };
}

function lines({ what, ok, found, remedy }: Check, { style }: Terminal): string[] {
  const head = `${style(ok ? 'green' : 'red', ok ? '✓' : '✗')} ${what}: ${found}`;
  return remedy === null ? [head] : [head, `    ${remedy}`];
}
