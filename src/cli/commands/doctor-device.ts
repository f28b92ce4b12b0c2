import type { Finding } from '../../actions/doctor/check.ts';
import { doctor } from '../../actions/doctor.ts';
import { roundTrip } from '../../actions/round-trip.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { withVerbs } from '../verbs.ts';

/** Everything about one device, in order; the first wrong thing is named once more at the end. */
export function doctorDevice(
  name: string,
  options: GlobalOptions & { readonly roundTrip?: boolean },
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  return withVerbs(options, context, async (verbs) => {
    const { findings } = await verbs.perform(doctor, { name });
    const all = [...findings];
    if (options.roundTrip ?? (verbs.isDaemon && mayTravel(findings)))
      all.push(await verbs.perform(roundTrip, { name }));
    const first = all.find(({ verdict }) => verdict === 'wrong') ?? null;
    if (options.json)
      terminal.out(JSON.stringify({ name, first: first?.check ?? null, findings: all }, null, 2));
    else for (const line of lines(name, all, { first, terminal })) terminal.out(line);
    return first === null ? EXIT.ok : EXIT.failed;
  });
}

/** Posts are listened for and roomd keeps slots; a slot that failed does not keep the way back from being tried. */
function mayTravel(findings: readonly Finding[]): boolean {
  return findings.some(({ check, verdict }) => check === 'slots' && verdict !== 'skipped');
}

const MARKS = { ok: ['green', '✓'], wrong: ['red', '✗'], skipped: ['dim', '-'] } as const;

function lines(
  name: string,
  findings: readonly Finding[],
  { first, terminal: { style } }: { first: Finding | null; terminal: Terminal },
): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const told = findings.flatMap(({ check, verdict, found, remedy }) => {
    const [colour, mark] = MARKS[verdict];
    const head = `${style(colour, mark)} ${check.padEnd(width)}  ${found}`;
    return remedy === null ? [head] : [head, `  ${' '.repeat(width)}  → ${remedy}`];
  });
  const end =
    first === null
      ? `Nothing is wrong with ${name}.`
      : `The first thing that is wrong with ${name} is "${first.check}": ${first.found}. To mend it: ${first.remedy ?? 'see above'}`;
  return [...told, '', end];
}
