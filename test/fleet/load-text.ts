import { type Loaded, type LoadOptions, loadFleet } from '../../src/fleet/load.ts';
import { formatProblem } from '../../src/fleet/problem.ts';

/** Loads a fleet file given as text, under the name fleet.yaml, with secrets from a plain record. */
export function loadText(
  text: string,
  options: Partial<LoadOptions> & { env?: Record<string, string>; files?: Record<string, string> } = {},
): Promise<Loaded> {
  const { env = {}, files = {}, ...rest } = options;
  return loadFleet('/etc/roomd/fleet.yaml', {
    secrets: {
      env: (name) => env[name],
      readFile: (path) => {
        const text = files[path];
        const absent = Object.assign(new Error('absent'), { code: 'ENOENT' });
        return text === undefined ? Promise.reject(absent) : Promise.resolve(text);
      },
    },
    sections: [],
    readFile: () => Promise.resolve(text),
    ...rest,
  });
}

/** The problems as lines, `3:5 devices[0].host: …`; warnings say so. */
export function lines({ problems }: Loaded): string[] {
  return problems.map((problem) => formatProblem(problem).replaceAll('/etc/roomd/fleet.yaml:', ''));
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
