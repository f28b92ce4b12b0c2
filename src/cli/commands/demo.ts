import { Option } from 'commander';
import { messageOf } from '../../lib/errors.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext } from '../context.ts';
import { ACTS, type Act, NotHeld } from '../demo/acts.ts';
import { DAMAGES, type Damage, HOSTILE, type Stage, setStage } from '../demo/stage.ts';
import { EXIT } from '../exit-code.ts';
import { table } from '../terminal.ts';
import { untilAborted } from '../until-aborted.ts';

interface DemoOptions {
  readonly once?: boolean;
  readonly break?: Damage;
}

interface Played {
  readonly title: string;
  readonly held: boolean;
  readonly seen: string;
}

export const demoCommand: AddCommand = (program, context, finish) => {
  program
    .command('demo')
    .description(
      'the whole job against a dozen simulated devices and a stand-in for Webex, told step by step',
    )
    .option('--once', 'end after the last step; exit 0 only if each held')
    .addOption(
      new Option('--break <part>', 'damage a part on purpose: the demo must notice').choices(DAMAGES),
    )
    .action(handler<DemoOptions>(finish, (options) => demo(options, context)));
};

async function demo(options: DemoOptions, context: CliContext): Promise<number> {
  const { terminal, signal } = context;
  terminal.out(
    'roomd demo: twelve simulated devices, a stand-in for Webex, and the real daemon on a temporary folder.',
  );
  terminal.out(
    `${HOSTILE.wrongPassword} has another password, ${HOSTILE.offline} is off, ${HOSTILE.reboots} will restart in the middle.`,
  );
  const stage = await setStage(options.break ?? null, signal);
  try {
    const played = await playAll(stage, context);
    terminal.out('');
    for (const line of table(
      played.map(({ title, held, seen }) => [held ? '✓' : '✗', title, seen]),
      terminal.columns,
    )) {
      terminal.out(line);
    }
    const allHeld = played.length === ACTS.length && played.every(({ held }) => held);
    terminal.out('');
    terminal.out(
      allHeld ? `All ${ACTS.length} steps held.` : `Step "${played.at(-1)?.title ?? ''}" did not hold.`,
    );
    if (options.once || !allHeld) return allHeld ? EXIT.ok : EXIT.failed;
    await lookAround(stage, context);
    return EXIT.ok;
  } finally {
    await stage.stop();
  }
}

/** Plays up to the first act that does not hold. */
async function playAll(stage: Stage, { terminal, signal, clock }: CliContext): Promise<Played[]> {
  const played: Played[] = [];
  const startedAt = clock.monotonic();
  for (const act of ACTS) {
    terminal.out('');
    terminal.out(
      terminal.style('bold', `${act.title}  (${Math.round((clock.monotonic() - startedAt) / 1_000)} s)`),
    );
    const result = await playOne(act, stage, (line) => terminal.out(`  ${line}`), signal);
    terminal.out(
      `  ${terminal.style(result.held ? 'green' : 'red', result.held ? '✓' : '✗')} ${result.seen}`,
    );
    played.push(result);
    if (!result.held) break;
  }
  return played;
}

async function playOne(
  act: Act,
  stage: Stage,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Played> {
  try {
    return { title: act.title, held: true, seen: await act.play(stage, say, signal) };
  } catch (error) {
    if (error instanceof NotHeld) return { title: act.title, held: false, seen: error.message };
    signal.throwIfAborted();
    return { title: act.title, held: false, seen: messageOf(error) };
  }
}

async function lookAround({ url, simulator }: Stage, { terminal, signal }: CliContext): Promise<void> {
  terminal.out('');
  terminal.out(`It goes on running. The dashboard: ${url}/`);
  terminal.out('The same as JSON, for programs:');
  for (const path of ['/api/v1/devices', '/api/v1/presence', '/api/v1/macros/runs', '/metrics'])
    terminal.out(`  ${url}${path}`);
  terminal.out(`and into the simulated devices at ${simulator.controlUrl}/devices/fjord`);
  terminal.out('End with Ctrl-C.');
  await untilAborted(signal);
}
