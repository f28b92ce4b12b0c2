import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { formatProblem } from '../../src/fleet/problem.ts';
import { LOGIN } from './login.ts';

export interface BenchFleet {
  readonly devices: readonly { readonly name: string; readonly port: number }[];
  /** Path → value, for every device. */
  readonly wanted: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Writes a fleet file for the devices into the folder, with the database beside it, and loads it. */
export async function writeFleet(bench: BenchFleet): Promise<Fleet> {
  const file = join(bench.folder, 'fleet.yaml');
  await writeFile(file, textOf(bench));
  const { fleet, problems } = await loadFleet(file, {
    secrets: { env: () => LOGIN.password, readFile: () => Promise.reject(new Error('there are no files')) },
    sections: [],
  });
  if (fleet === null) throw new Error(problems.map(formatProblem).join('\n'));
  return fleet;
}

function textOf({ devices, wanted }: BenchFleet): string {
  const settings = Object.entries(wanted).map(([path, value]) => `    ${path}: ${JSON.stringify(value)}`);
  const lines = devices.map(({ name, port }) => `  - { name: ${name}, host: "127.0.0.1:${port}" }`);
  return `version: 1
daemon: { database: "sqlite:./roomd.db" }
credentials:
  rooms: { username: ${LOGIN.username}, password: "\${env:PASSWORD}" }
defaults:
  credentials: rooms
  tls: insecure
  configuration:
${settings.join('\n')}
devices:
${lines.join('\n')}
`;
}
