import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom } from '../../lib/random.ts';
import { readVendorSchema } from '../../schema/vendor-schema.ts';
import { startWebexStandIn, type WebexStandIn } from '../../simulator/cloud/webex.ts';
import { summary } from '../../simulator/control.ts';
import type { DeviceModel } from '../../simulator/model.ts';
import { type BuiltInName, builtInModels } from '../../simulator/models/built-in.ts';
import { modelFromSchema } from '../../simulator/models/from-schema.ts';
import { performStep } from '../../simulator/perform-step.ts';
import { playScenario, scenarioSteps } from '../../simulator/scenario.ts';
import { readScenario } from '../../simulator/scenario-file.ts';
import { type Simulator, startSimulator } from '../../simulator/server.ts';
import { oneWay as defaultSettings, type SimulatorSettings } from '../../simulator/settings.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { untilAborted } from '../until-aborted.ts';

interface SimulateOptions extends Pick<GlobalOptions, 'json'> {
  readonly devices: number;
  readonly basePort?: number;
  readonly controlPort?: number;
  readonly user: string;
  readonly password: string;
  readonly model?: BuiltInName;
  readonly schema?: string;
  readonly product?: string;
  readonly software?: string;
  readonly scenario?: string;
  readonly seed: number;
  readonly webex?: boolean | number;
  readonly set: Partial<SimulatorSettings>;
}

/** The token by which the stand-in for Webex knows roomd; anyone may know it. */
export const STAND_IN_TOKEN = 'simulated-webex-bot';

export const simulateCommand: AddCommand = (program, context, finish) => {
  const models = Object.keys(builtInModels);
  describe(program)
    .addOption(
      new Option(
        '--model <name>',
        'only this built-in model; without it board, room and desk take turns',
      ).choices(models),
    )
    .addHelpText(
      'after',
      `
The devices listen on 127.0.0.1, each on base port + its number, for wss (/ws) and HTTPS.
When ready, a line of JSON (--json) or a table names them and the control endpoint.

Settings for --set, with their defaults:
${settingLines()}`,
    )
    .action(handler<SimulateOptions>(finish, (options) => simulate(options, context)));
};

function describe(program: Command): Command {
  return program
    .command('simulate')
    .description('simulated Board, Room and Desk devices to try roomd on, and a stand-in for Webex')
    .addOption(
      new Option('-n, --devices <count>', 'how many: sim-1, sim-2, …').default(3).argParser(wholeNumber),
    )
    .addOption(
      new Option('--base-port <port>', 'device n listens on this + n; free ports without it').argParser(
        wholeNumber,
      ),
    )
    .addOption(
      new Option(
        '--control-port <port>',
        'where people and tests turn knobs; a free port without it',
      ).argParser(wholeNumber),
    )
    .option('--user <name>', 'the account that may log in', 'admin')
    .option('--password <text>', 'its password', 'secret')
    .option('--schema <file>', "a vendor schema file: the devices get that product's complete tree")
    .option('--product <name>', 'which product of the schema file')
    .option('--software <version>', 'the software that the schema file is of, where its name does not say')
    .option('--scenario <file>', 'people, calls, bookings and faults to play (docs/simulator.md)')
    .addOption(new Option('--seed <number>', 'the same seed, the same run').default(1).argParser(wholeNumber))
    .addOption(new Option('--webex [port]', 'also a stand-in for Webex messaging').argParser(wholeNumber))
    .addOption(
      new Option('--set <name=value...>', 'a setting of the simulator').default({}).argParser(collectSetting),
    );
}

async function simulate(options: SimulateOptions, context: CliContext): Promise<number> {
  const { clock, signal, terminal } = context;
  const random = seededRandom(options.seed);
  const models = await modelsOf(options, context);
  const devices = Array.from({ length: options.devices }, (_, at) => {
    const model = models[at % models.length];
    if (model === undefined) throw new ExitError(EXIT.usage, 'there is no model to simulate');
    return { name: `sim-${at + 1}`, model };
  });
  const { user, password, basePort, controlPort, set } = options;
  const simulator = await startSimulator(
    {
      devices,
      username: user,
      password,
      settings: set,
      clock,
      random,
      control: true,
      logger: silentLogger,
      ...(basePort === undefined ? {} : { basePort }),
      ...(controlPort === undefined ? {} : { controlPort }),
    },
    signal,
  );
  let webex: WebexStandIn | null = null;
  try {
    if (options.webex !== undefined)
      webex = await standIn(options.webex === true ? 0 : Number(options.webex));
    announce(simulator, webex, options, context);
    await Promise.all([playFile(options, simulator, context), untilAborted(signal)]);
    return EXIT.ok;
  } finally {
    terminal.err('The simulated devices are gone.');
    await webex?.stop();
    await simulator.stop();
  }
}

async function modelsOf(
  { schema, product, software, model }: SimulateOptions,
  { workingDirectory }: CliContext,
): Promise<DeviceModel[]> {
  if (schema === undefined) {
    if (product !== undefined) throw new ExitError(EXIT.usage, '--product goes with --schema');
    return model === undefined
      ? [builtInModels.board, builtInModels.room, builtInModels.desk]
      : [builtInModels[model]];
  }
  const path = resolve(workingDirectory, schema);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ExitError(EXIT.usage, `the schema file cannot be read: ${messageOf(error)}`);
  }
  const version = software ?? /(\d+(?:\.\d+)+)\.json$/.exec(path)?.[1];
  const vendor = readVendorSchema(text, version === undefined ? {} : { software: version });
  const names = product === undefined ? vendor.products : [product];
  return names.map((name) => modelFromSchema(vendor.product(name)));
}

function standIn(port: number): Promise<WebexStandIn> {
  const bot = { personId: 'roomd', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' as const };
  return startWebexStandIn({ port, tokens: { [STAND_IN_TOKEN]: bot }, rooms: [{ title: 'Rooms' }] });
}

function announce(
  simulator: Simulator,
  webex: WebexStandIn | null,
  { json }: SimulateOptions,
  { terminal }: CliContext,
): void {
  const devices = simulator.devices.map(summary);
  const room = webex?.rooms[0];
  const cloud = webex === null ? {} : { webex: { url: webex.url, token: STAND_IN_TOKEN, roomId: room?.id } };
  if (json) {
    terminal.out(JSON.stringify({ devices, control: simulator.controlUrl, ...cloud }));
    return;
  }
  for (const { name, host, port, product, software, serial } of devices) {
    terminal.out(`${name.padEnd(10)} ${host}:${port}  ${product}  ${software}  ${serial}`);
  }
  terminal.out(`control    ${simulator.controlUrl ?? ''}`);
  if (webex !== null)
    terminal.out(`webex      ${webex.url}  token ${STAND_IN_TOKEN}  roomId ${room?.id ?? ''}`);
  terminal.out('Ready. End with Ctrl-C.');
}

async function playFile(
  { scenario }: SimulateOptions,
  simulator: Simulator,
  context: CliContext,
): Promise<void> {
  if (scenario === undefined) return;
  const { clock, signal, terminal, workingDirectory } = context;
  const plan = readScenario(await readFile(resolve(workingDirectory, scenario), 'utf8'), scenario);
  const steps = scenarioSteps(
    plan,
    simulator.devices.map(({ name }) => name),
  );
  await playScenario(steps, {
    clock,
    signal,
    perform: async (step) => {
      terminal.err(`${step.device}: ${step.action.type}`);
      performStep(simulator, step, clock);
    },
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('expected a whole number.');
  return number;
}

/** `presenceNoMs=5000`, read by the type of the setting's default. */
function collectSetting(text: string, before: Partial<SimulatorSettings>): Partial<SimulatorSettings> {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  const standard: unknown = Object.entries(defaultSettings).find(([known]) => known === name)?.[1];
  if (standard === undefined)
    throw new InvalidArgumentError(`there is no setting "${name}"; roomd simulate --help lists them.`);
  return { ...before, [name]: readAs(standard, value) };
}

function readAs(standard: unknown, value: string): unknown {
  if (typeof standard === 'number') return wholeNumber(value);
  if (typeof standard === 'boolean') {
    if (value !== 'true' && value !== 'false') throw new InvalidArgumentError('expected true or false.');
    return value === 'true';
  }
  return Array.isArray(standard) ? value.split(',') : value;
}

function settingLines(): string {
  return Object.entries(defaultSettings)
    .map(([name, value]) => `  ${name}=${String(value)}`)
    .join('\n');
}
