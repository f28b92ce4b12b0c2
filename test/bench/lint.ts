import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import type { Linted } from './children/lint.ts';
import { median, ratios, spread, table } from './figures.ts';

/**
 * CPU a device in the large fleet against that in the small one. 1 is linear.
 * A fleet ten times as large has its compiler warm (which lowers it) and
 * collects a larger heap (which raises it); neither makes a fifth.
 */
const LIMIT = 1.2;
const MOST_MEGABYTES = 1_024;
const SIZES = [1_000, 10_000];

/**
 * roomd lint of devices with 60 settings each from layers and profiles, three
 * of them inline, over 40 profiles: the whole of it, reading the YAML included,
 * each in a process of its own.
 */
export const lint: Benchmark = async ({ rounds, small, profile, out }) => {
  const sizes = SIZES.map((size) => (small ? size / 10 : size));
  out(`lint: ${sizes.join(' and ')} devices, 60 settings each, ${rounds} rounds`);
  const measured = new Map<number, Linted[]>(sizes.map((size) => [size, []]));
  const folder = await mkdtemp(join(tmpdir(), 'roomd-bench-'));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const devices of sizes) {
        const file = join(folder, `${devices}.yaml`);
        await writeFile(file, fleetOf(devices));
        const linted = await withChildren({ child: new Child('lint', { profile }) }, ({ child }) =>
          child.ask<Linted>('run', { file }),
        );
        if (linted.settings !== devices * 60 || linted.findings !== devices * 3)
          throw new Error(
            `lint saw ${linted.settings} settings and found ${linted.findings} of ${devices * 3}`,
          );
        measured.get(devices)?.push(linted);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const of = (size: number | undefined, figure: (linted: Linted) => number): number[] =>
    (measured.get(size ?? 0) ?? []).map(figure);
  const rows = sizes.map((size) => [
    `${size} devices`,
    spread(
      of(size, (linted) => whole(linted) / size),
      3,
    ),
    spread(
      of(size, ({ loadMs }) => loadMs),
      0,
    ),
    spread(
      of(size, ({ lintMs }) => lintMs),
      0,
    ),
    spread(
      of(size, ({ megabytes }) => megabytes),
      0,
    ),
  ]);
  const [few, many] = sizes;
  const each = (size: number | undefined): number[] => of(size, (linted) => whole(linted) / (size ?? 1));
  const quotients = ratios(each(many), each(few));
  rows.push(['ratio', spread(quotients, 2), '', '', '']);
  for (const line of table(['', 'CPU ms a device', 'load CPU ms', 'lint CPU ms', 'most MB'], rows)) out(line);
  const megabytes = Math.ceil(Math.max(...of(many, (linted) => linted.megabytes)));
  return {
    ratio: median(quotients),
    limit: LIMIT,
    checks: [{ what: `MB of memory for ${many} devices`, value: megabytes, most: MOST_MEGABYTES }],
  };
};

/** 20 settings for all, 37 in one of 40 profiles, 3 on the device; those of the device are refused, so that there is something to say. */
function fleetOf(count: number): string {
  const profiles = Array.from(
    { length: 40 },
    (_, at) => `  p${at}:\n    configuration:\n${lines(20, 57, String(at + 1), '      ')}`,
  );
  const devices = Array.from(
    { length: count },
    (_, at) =>
      `  - name: room-${at}\n    host: 10.${at >> 16}.${(at >> 8) & 255}.${at & 255}\n    profiles: [p${at % 40}]\n    configuration:\n${lines(57, 60, `${1_000 + at}`, '      ')}`,
  );
  return `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults:
  credentials: roomd
  configuration:
${lines(0, 20, '5', '    ')}
profiles:
${profiles.join('\n')}
devices:
${devices.join('\n')}
`;
}

function whole({ loadMs, lintMs }: Linted): number {
  return loadMs + lintMs;
}

function lines(from: number, to: number, value: string, indent: string): string {
  return Array.from({ length: to - from }, (_, at) => `${indent}Bench.Setting${from + at}: ${value}`).join(
    '\n',
  );
}
