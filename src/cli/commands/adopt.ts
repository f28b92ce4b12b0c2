import { createHash } from 'node:crypto';
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import pLimit from 'p-limit';
import type { Engine } from '../../daemon/engine.ts';
import { type AdoptRow, nameDevices, readForAdoption } from '../../fleet/adopt.ts';
import { slugOf } from '../../fleet/adopt-names.ts';
import { type AdoptTarget, targetsFromCsv, targetsFromHosts } from '../../fleet/adopt-targets.ts';
import { addressOf, adoptedYaml } from '../../fleet/adopt-yaml.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { loadFleet } from '../../fleet/load.ts';
import { formatProblem } from '../../fleet/problem.ts';
import { yamlScalar } from '../../fleet/yaml-text.ts';
import { counted } from '../../lib/counted.ts';
import { messageOf } from '../../lib/errors.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { loadFile, overridesOf } from '../fleet-file.ts';
import { lookAround } from '../look-around.ts';
import { count, table } from '../terminal.ts';

interface AdoptOptions extends GlobalOptions {
  readonly csv?: string;
  readonly user?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly credential?: string;
  readonly tls: 'pin' | 'ca' | 'insecure';
  readonly out: string;
  readonly force?: boolean;
  readonly all?: boolean;
  readonly retryLogin?: boolean;
}

/** Devices that are read at the same time. */
const PARALLEL = 16;

export const adoptCommand: AddCommand = (program, context, finish) => {
  program
    .command('adopt [hosts...]')
    .description(
      'read devices that already run and write the fleet file that reproduces them; writes to no device',
    )
    .option('--csv <file>', 'the devices from a file: columns host, name (optional), and tags such as site')
    .option('--user <name>', 'the account to log in with')
    .option('--password-env <name>', 'its password is in this environment variable')
    .option('--password-file <file>', 'its password is in this file')
    .option(
      '--credential <name>',
      'write ${credential:NAME} (systemd LoadCredential) as the password of the file',
    )
    .addOption(
      new Option(
        '--tls <how>',
        'how the file trusts the devices: pin keeps to the certificate that is met now',
      )
        .choices(['pin', 'ca', 'insecure'])
        .default('pin'),
    )
    .option('--retry-login', 'try a password that a device refused before once more')
    .option('--all', 'every setting, also what the factory set')
    .option('-o, --out <file>', 'the file to write', 'adopted.yaml')
    .option('--force', 'replace that file if it is there')
    .addHelpText(
      'after',
      '\nThe password never stands on the command line. A device that cannot be read is told and passed over (exit 1).\nThen: roomd --fleet adopted.yaml plan shows no change.',
    )
    .action(handler<AdoptOptions>(finish, (options, hosts) => adopt({ ...options, hosts }, context)));
};

async function adopt(
  options: AdoptOptions & { hosts: readonly string[] },
  context: CliContext,
): Promise<number> {
  const { terminal, clock, workingDirectory } = context;
  const targets = await targetsOf(options, context);
  const out = resolve(workingDirectory, options.out);
  if (!options.force) await refuseExisting(out);
  const login = loginOf(options, context);
  const fleet = await fleetOf(targets, login, options, context);
  const rows = await lookAround(fleet, context, (engine) => readAll(targets, engine, options, context));
  const read = rows.filter(({ device }) => device !== null);
  if (read.length > 0) {
    const { username, written: passwordReference } = login;
    const text = adoptedYaml(rows, { username, passwordReference, tls: options.tls, writtenAt: clock.now() });
    await write(out, text, { force: options.force ?? false });
  }
  if (options.json) terminal.out(JSON.stringify(shown(rows, read.length > 0 ? out : null), null, 2));
  else for (const line of lines(rows, { out: options.out }, terminal.columns)) terminal.out(line);
  return read.length === rows.length ? EXIT.ok : EXIT.failed;
}

async function targetsOf(
  { csv, hosts }: { csv?: string; hosts: readonly string[] },
  { workingDirectory }: CliContext,
): Promise<AdoptTarget[]> {
  if ((csv === undefined) === (hosts.length === 0))
    throw new ExitError(
      EXIT.usage,
      'name the devices: either hosts (roomd adopt 10.0.3.11 10.0.3.12) or --csv FILE',
    );
  if (csv === undefined) return targetsFromHosts(hosts);
  let text: string;
  try {
    text = await readFile(resolve(workingDirectory, csv), 'utf8');
  } catch (error) {
    throw new ExitError(EXIT.usage, `the list of devices cannot be read: ${messageOf(error)}`);
  }
  const targets = targetsFromCsv(text, csv);
  if (targets.length === 0) throw new ExitError(EXIT.usage, `${csv} names no device`);
  return targets;
}

interface Login {
  readonly username: string;
  /** The reference by which the password is had now. */
  readonly used: string;
  /** The reference that stands in the file. */
  readonly written: string;
}

function loginOf(
  { user, passwordEnv, passwordFile, credential }: AdoptOptions,
  { workingDirectory }: CliContext,
): Login {
  if (user === undefined)
    throw new ExitError(EXIT.usage, 'name the account that roomd logs in with: --user NAME');
  if (passwordEnv !== undefined && passwordFile !== undefined)
    throw new ExitError(EXIT.usage, 'give --password-env or --password-file, one of the two');
  const named = credential === undefined ? null : `\${credential:${credential}}`;
  const used =
    passwordEnv === undefined
      ? passwordFile === undefined
        ? named
        : `\${file:${resolve(workingDirectory, passwordFile)}}`
      : `\${env:${passwordEnv}}`;
  if (used === null)
    throw new ExitError(
      EXIT.usage,
      'say where the password is: --password-env NAME, --password-file FILE or --credential NAME; it never stands on the command line',
    );
  return { username: user, used, written: named ?? used };
}

/** The devices as a fleet of their own, so that they are reached as any other: same gate, same limits, same deadlines. */
async function fleetOf(
  targets: readonly AdoptTarget[],
  { username, used }: Login,
  options: AdoptOptions,
  context: CliContext,
): Promise<Fleet> {
  const { surroundings, workingDirectory } = context;
  const text = [
    'version: 1',
    'credentials:',
    `  roomd: { username: ${yamlScalar(username)}, password: ${JSON.stringify(used)} }`,
    `defaults: { credentials: roomd, tls: ${options.tls} }`,
    'devices:',
    ...targets.map(
      (target) =>
        `  - { name: ${reachedName(target)}, host: ${JSON.stringify(`${target.host}:${target.port}`)} }`,
    ),
  ].join('\n');
  const { fleet, problems } = await loadFleet(resolve(workingDirectory, 'adopted.yaml'), {
    secrets: surroundings.secrets,
    sections: [],
    overrides: overridesOf(options),
    readFile: async () => text,
  });
  if (fleet !== null) return withOtherSecret(fleet, options, context);
  throw new ExitError(
    EXIT.usage,
    problems.map((problem) => problem.message || formatProblem(problem)).join('\n'),
  );
}

/** While the fleet file has this password changed, a device may accept the one or the other. */
async function withOtherSecret(fleet: Fleet, options: AdoptOptions, context: CliContext): Promise<Fleet> {
  const { fleet: own } = await loadFile(options, context, { missingSecrets: 'warning' });
  const devices = fleet.devices.map((device) => {
    const given = device.password.reveal();
    for (const { username, password, next } of own?.devices ?? []) {
      if (next === undefined || username !== device.username) continue;
      if (password.reveal() === given) return { ...device, next };
      if (next.reveal() === given) return { ...device, next: password };
    }
    return device;
  });
  return { ...fleet, devices };
}

/** The login gate remembers an address by this, so it is the same each time. */
function reachedName({ host, port }: AdoptTarget): string {
  const name = slugOf(`${host}-${port}`);
  return name.length < 60
    ? name
    : `h${createHash('sha256').update(`${host}:${port}`).digest('hex').slice(0, 32)}`;
}

async function readAll(
  targets: readonly AdoptTarget[],
  engine: Engine,
  { all = false, retryLogin = false }: AdoptOptions,
  { clock, signal, terminal }: CliContext,
): Promise<AdoptRow[]> {
  const limit = pLimit(PARALLEL);
  const modules = { accepts: engine.accepts, now: () => clock.now() };
  const tell = counted(targets.length, terminal.progress);
  const read = targets.map((target) =>
    limit(async () => {
      const name = reachedName(target);
      if (retryLogin) await engine.devices.retryLogin(name);
      const reached = engine.devices.target(name);
      if (reached === null) throw new Error(`${target.host} is not among the devices`);
      const read = await readForAdoption(target, reached, { all, signal }, modules);
      const outcome = typeof read === 'string' ? inOwnWords(read, name, target) : read;
      tell(`${target.host}: ${typeof outcome === 'string' ? outcome : 'read'}`);
      return { target, outcome };
    }),
  );
  return nameDevices(await Promise.all(read));
}

/** What the transports say of a device under the name it has here, as the person knows it. */
function inOwnWords(reason: string, name: string, { host }: AdoptTarget): string {
  return reason
    .replaceAll(`run: roomd trust ${name} --retry-login`, 'give --retry-login')
    .replaceAll(name, host);
}

async function refuseExisting(out: string): Promise<void> {
  const isThere = await access(out).then(
    () => true,
    () => false,
  );
  if (isThere) throw alreadyThere(out);
}

function alreadyThere(out: string): ExitError {
  return new ExitError(
    EXIT.usage,
    `${out} is already there and stays as it is: name another with --out, or give --force`,
  );
}

/** A new file appears whole; one that somebody made meanwhile stays. */
async function write(out: string, text: string, { force }: { force: boolean }): Promise<void> {
  const unfinished = force ? `${out}.unfinished` : out;
  try {
    const file = await open(unfinished, force ? 'w' : 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (force) await rename(unfinished, out);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw alreadyThere(out);
    await rm(unfinished, { force: true });
    throw new ExitError(EXIT.failed, `${out} cannot be written: ${messageOf(error)}`);
  }
}

function shown(rows: readonly AdoptRow[], file: string | null) {
  return {
    file,
    devices: rows.map(({ target, device, reason }) => ({
      host: `${target.host}:${target.port}`,
      name: device?.name ?? null,
      product: device?.identity.product ?? null,
      software: device?.identity.software ?? null,
      serial: device?.identity.serial ?? null,
      settings: device?.kept.size ?? null,
      hidden: device?.held.hidden ?? [],
      reason,
    })),
  };
}

function lines(rows: readonly AdoptRow[], { out }: { out: string }, columns: number): string[] {
  const cells = rows.map(({ target, device, reason }) =>
    device === null
      ? [addressOf(target), 'not read', reason ?? '']
      : [
          addressOf(target),
          device.name,
          `${device.identity.product} ${device.identity.software}, ${count(device.kept.size, 'setting')}`,
        ],
  );
  const read = rows.filter(({ device }) => device !== null).length;
  const summary =
    read === 0
      ? `No device could be read; ${out} was not written.`
      : `Wrote ${out} with ${count(read, 'device')}${read === rows.length ? '' : `, ${rows.length - read} not read`}. Next: roomd --fleet ${out} plan`;
  return [...table(cells, columns), '', summary];
}
