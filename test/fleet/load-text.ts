import type { FleetFiles } from '../../src/fleet/file/fleet-files.ts';
import { type Loaded, type LoadOptions, loadFleet } from '../../src/fleet/load.ts';
import { formatProblem } from '../../src/fleet/problem.ts';

/** Files that exist for a test alone, by absolute path. */
export type TestFiles = Readonly<Record<string, string | Uint8Array>>;

/** 2026-11-23, noon in UTC. */
export const NOW = Date.UTC(2026, 10, 23, 12);

/** Loads a fleet file given as text, under the name fleet.yaml, with secrets and other files from plain records. */
export function loadText(
  text: string,
  options: Partial<Omit<LoadOptions, 'files'>> & { env?: Record<string, string>; files?: TestFiles } = {},
): Promise<Loaded> {
  const { env = {}, files = {}, ...rest } = options;
  const disk = testFiles(files);
  return loadFleet('/etc/roomd/fleet.yaml', {
    secrets: {
      env: (name) => env[name],
      readFile: async (path) => Buffer.from(await disk.read(path)).toString(),
    },
    sections: [],
    readFile: () => Promise.resolve(text),
    files: disk,
    now: NOW,
    ...rest,
  });
}

export function testFiles(files: TestFiles): FleetFiles {
  return {
    read: (path) => {
      const content = files[path];
      const absent = Object.assign(new Error('absent'), { code: 'ENOENT' });
      return content === undefined ? Promise.reject(absent) : Promise.resolve(Buffer.from(content));
    },
    list: async (folder) => {
      const below = Object.keys(files).flatMap((path) =>
        path.startsWith(`${folder === '/' ? '' : folder}/`)
          ? [path.slice(folder === '/' ? 1 : folder.length + 1)]
          : [],
      );
      const isFolder = new Map(below.map((path) => [path.split('/')[0] ?? '', path.includes('/')]));
      return [...isFolder].map(([name, folderLike]) => ({ name, isFolder: folderLike }));
    },
  };
}

/** The problems as lines, `3:5 devices[0].host: …`, those of other files `sites/a.yaml:3:5 …`; warnings say so. */
export function lines({ problems }: Loaded): string[] {
  return problems.map((problem) =>
    formatProblem(problem).replaceAll('/etc/roomd/fleet.yaml:', '').replaceAll('/etc/roomd/', ''),
  );
}

/** A valid file; `device` and `top` are put in as they are, indented for their place. */
export function fleetText({ device = '', top = '', defaults = '' } = {}): string {
  return `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults:
  credentials: roomd
${defaults}
devices:
  - name: one
    host: 10.0.0.1
${device}
${top}`;
}

export const PW = { PW: 'correct horse' };

/** The first bytes of a picture. */
export const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
