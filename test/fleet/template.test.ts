import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { explain, formatExplanation } from '../../src/fleet/explain.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { FLEET_TEMPLATE } from '../../src/fleet/template.ts';
import { macroSection } from '../../src/macros/macro.ts';
import { lines, loadText } from './load-text.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const sections = [macroSection];

describe('what `roomd init` writes', () => {
  test('is the fleet.yaml that comes with roomd', async () => {
    expect(await readFile(fromRoot('fleet.yaml'), 'utf8')).toBe(FLEET_TEMPLATE);
  });

  test('loads once the password is given, and says so where it is not', async () => {
    const given = await loadText(FLEET_TEMPLATE, { env: { ROOMD_PASSWORD: 'x' }, sections });
    expect(given.problems).toEqual([]);
    expect(given.fleet?.devices).toHaveLength(1);
    const lacking = await loadText(FLEET_TEMPLATE, { sections });
    expect(lines(lacking)).toEqual([
      expect.stringContaining('the environment variable ROOMD_PASSWORD is not set'),
    ]);
  });

  test('loads with every line that is commented out put in', async () => {
    const commented =
      /^( *)# ?((?: *(?:feedback|listen|publicUrl|tls|host|tags|protected|notifiers|ops|calls|macros|when|devices|if|steps): ?\S.*| *(?:feedback|notifiers|macros|steps):| *- (?:name|dial|notify):.*))$/gm;
    const whole = FLEET_TEMPLATE.replace(commented, '$1$2');
    expect(whole).not.toMatch(/^ *#.*: [{"[]/m);
    const env = { ROOMD_PASSWORD: 'x', WEBEX_TOKEN: 'x' };
    const { fleet, problems } = await loadText(whole, { env, sections });
    expect(problems).toEqual([]);
    expect(fleet?.devices[1]).toMatchObject({ name: 'huddle-2', protected: true });
    expect(fleet?.sections.get('macros')).toMatchObject([{ name: 'morning-standup' }]);
    expect(fleet?.daemon.feedback.tls).toEqual({
      certFile: '/etc/roomd/certs/roomd.pem',
      keyFile: '/etc/roomd/certs/roomd.key',
    });
  });
});

describe('the examples', () => {
  test('campus fits twelve simulated devices', async () => {
    const { fleet, problems } = await loadFleet(fromRoot('examples/campus/fleet.yaml'), {
      secrets: secretSource({}),
      sections,
    });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('this password stands in the file'),
    ]);
    const kinds = ['board', 'room', 'desk'];
    expect(fleet?.devices.map(({ name, host, port, kind }) => ({ name, host, port, kind }))).toEqual(
      Array.from({ length: 12 }, (_, n) => ({
        name: `sim-${n + 1}`,
        host: '127.0.0.1',
        port: 20_001 + n,
        kind: kinds[n % 3],
      })),
    );
    expect(fleet?.devices[4]?.configuration.get('Audio.DefaultVolume')?.value).toBe('70');
    expect(fleet?.devices[11]).toMatchObject({
      timezone: 'Europe/London',
      tags: { site: 'london' },
      protected: true,
    });
  });

  test('small loads without a word', async () => {
    const { fleet, problems } = await loadFleet(fromRoot('examples/small/fleet.yaml'), {
      secrets: secretSource({ ROOMD_DEMO_PASSWORD: 'secret' }),
      sections,
    });
    expect(problems).toEqual([]);
    expect(fleet?.devices).toHaveLength(3);
  });
});

/** The blocks of the page that are fenced as `language`. */
async function blocks(language: string): Promise<string[]> {
  const text = await readFile(fromRoot('docs/fleet-yaml.md'), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block = '']) => block,
  );
}

describe('docs/fleet-yaml.md', () => {
  const secrets = {
    env: { ROOMD_PASSWORD: 'x', SNMP_COMMUNITY: 'x', CREDENTIALS_DIRECTORY: '/run/credentials' },
    files: {
      '/run/credentials/room-password': 'x',
      '/run/credentials/webex-bot': 'x',
      '/etc/roomd/secrets/lobby': 'x',
    },
  };
  test('has examples that load', async () => {
    const examples = await blocks('yaml');
    expect(examples.length).toBeGreaterThan(5);
    const loaded = await Promise.all(examples.map((text) => loadText(text, { ...secrets, sections })));
    expect(loaded.flatMap(lines).filter((line) => !line.includes(': warning: '))).toEqual([]);
  });

  test('shows what `roomd explain` says', async () => {
    const examples = await blocks('yaml');
    const layered = examples.find((example) => example.includes('profiles: [boardroom]')) ?? '';
    const { fleet } = await loadText(layered, secrets);
    const [device] = fleet?.devices ?? [];
    expect(device).toBeDefined();
    const told = device === undefined ? '' : formatExplanation(explain(device)).replaceAll('/etc/roomd/', '');
    expect((await blocks('text')).join('')).toContain(told);
  });
});
