import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sections } from '../../src/daemon/sections.ts';
import { explain, formatExplanation } from '../../src/fleet/explain.ts';
import { fleetJsonSchema } from '../../src/fleet/json-schema.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { SchemaCursor } from '../../src/fleet/schema-cursor.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { FLEET_TEMPLATE } from '../../src/fleet/template.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { lines, loadText, NOW, PNG, type TestFiles } from './load-text.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const room = selfSign(newKeyPair(), { commonName: 'room', now: NOW });

/** What the template and the page name as examples. */
const NAMED_FILES: TestFiles = {
  '/etc/roomd/sites/oslo.yaml':
    'layers: [{ name: oslo site, devices: site=oslo }]\ndevices: [{ name: oslo-7, host: 10.1.0.7, tags: { site: oslo } }]\n',
  '/etc/roomd/panels/help.xml': '<Extensions><Panel><PanelId>help</PanelId></Panel></Extensions>',
  '/etc/roomd/device-macros/lights.js': '// lights',
  '/etc/roomd/device-macros/blinds.js': '// blinds',
  '/etc/roomd/images/background.png': PNG,
  '/etc/roomd/images/logo.png': PNG,
  '/etc/roomd/certs/ca.pem': room.pem,
  '/etc/roomd/certs/room.pem': room.pem,
  '/etc/roomd/certs/room.key': room.keyPem,
};

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
      /^( *)# ?((?: *(?:feedback|listen|publicUrl|tls|host|tags|protected|notifiers|ops|calls|alerts|macros|when|devices|if|steps|include|configuration|lock|panels|deviceMacros|branding|reason|canary|soak|windows): ?\S.*| *(?:feedback|notifiers|macros|steps|layers|overrides|rollout):| *- (?:name|dial|notify|until):.*))$/gm;
    const whole = FLEET_TEMPLATE.replace(commented, '$1$2');
    expect(whole).not.toMatch(/^ *#.*: [{"[]/m);
    const env = { ROOMD_PASSWORD: 'x', WEBEX_TOKEN: 'x' };
    const { fleet, problems } = await loadText(whole, { env, sections, files: NAMED_FILES });
    expect(problems).toEqual([]);
    expect(fleet?.devices[1]).toMatchObject({ name: 'huddle-2', protected: true });
    expect(fleet?.sections.get('macros')).toMatchObject([{ name: 'morning-standup' }]);
    expect(fleet?.devices.map(({ name }) => name)).toEqual(['boardroom-1', 'huddle-2', 'oslo-7']);
    expect(fleet?.devices[0]?.configuration.get('Standby.Delay')?.temporary?.reason).toBe(
      'town hall meeting',
    );
    expect(fleet?.devices[0]?.configuration.get('Time.Zone')?.lock?.layer).toBe('layer oslo');
    expect(fleet?.devices[0]?.content?.panels).toHaveLength(1);
    expect(fleet?.rollout?.windows).toHaveLength(1);
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

  test('sites is one fleet in several files', async () => {
    const { fleet, problems } = await loadFleet(fromRoot('examples/sites/fleet.yaml'), {
      secrets: secretSource({ ROOMD_DEMO_PASSWORD: 'secret' }),
      sections,
    });
    expect(problems).toEqual([]);
    expect(fleet?.sources.map((path) => path.replace(fromRoot('examples/sites/'), ''))).toEqual([
      'fleet.yaml',
      'sites/bergen.yaml',
      'sites/oslo.yaml',
      'panels/help.xml',
      'device-macros/lights.js',
    ]);
    const [desk, board, room] = fleet?.devices ?? [];
    expect(desk?.configuration.get('NetworkServices.NTP.Server[1].Address')?.value).toBe(
      'ntp.bergen.example.com',
    );
    expect(board?.configuration.get('Standby.Delay')?.origin.layer).toBe('layer boards');
    expect(board?.configuration.get('Audio.DefaultVolume')?.drift).toBe('ignore');
    expect(room?.configuration.get('NetworkServices.HTTP.Mode')?.lock?.layer).toBe('defaults');
    expect(room?.content?.deviceMacros.map(({ name }) => name)).toEqual(['lights']);
    expect(fleet?.rollout?.rings).toHaveLength(2);
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
    env: {
      ROOMD_PASSWORD: 'x',
      SNMP_COMMUNITY: 'x',
      WEBEX_TOKEN: 'x',
      CREDENTIALS_DIRECTORY: '/run/credentials',
    },
    files: {
      ...NAMED_FILES,
      '/run/credentials/room-password': 'x',
      '/run/credentials/room-password-next': 'y',
      '/run/credentials/webex-bot': 'x',
      '/run/credentials/webex-meetings': 'x',
      '/run/credentials/finesse': 'x',
      '/run/credentials/cucm': 'x',
      '/etc/roomd/secrets/lobby': 'x',
    },
  };
  test('has examples that load', async () => {
    // `yml` are those that name other files.
    const others = (await blocks('yml')).filter((text) => text.startsWith('version:'));
    const examples = [...(await blocks('yaml')), ...others];
    expect([examples.length > 10, others.length]).toEqual([true, 2]);
    const loaded = await Promise.all(examples.map((text) => loadText(text, { ...secrets, sections })));
    expect(loaded.flatMap(lines).filter((line) => !line.includes(': warning: '))).toEqual([]);
  });

  test('shows what `roomd explain` says', async () => {
    const examples = await blocks('yaml');
    const shown = (await blocks('text')).join('');
    for (const part of ['profiles: [boardroom]', 'overrides:', 'lock: [']) {
      const { fleet } = await loadText(examples.find((example) => example.includes(part)) ?? '', secrets);
      const [device] = fleet?.devices ?? [];
      const told =
        device === undefined ? 'no device' : formatExplanation(explain(device)).replaceAll('/etc/roomd/', '');
      expect(shown).toContain(told);
    }
  });

  test('names every key that the file may have', async () => {
    const text = await readFile(fromRoot('docs/fleet-yaml.md'), 'utf8');
    const root = new SchemaCursor(fleetJsonSchema(sections));
    const places = [
      [],
      ['daemon'],
      ['daemon', 'timing'],
      ['daemon', 'limits'],
      ['defaults'],
      ['layers', 0],
      ['devices', 0],
      ['devices', 0, 'overrides', 0],
      ['defaults', 'feedback'],
      ['defaults', 'branding'],
      ['defaults', 'certificates'],
      ['defaults', 'certificates', 'service', 0],
      ['defaults', 'software'],
      ['defaults', 'deviceMacros', 0],
      ['rollout'],
      ['rollout', 'windows', 0],
      ['rollout', 'freezes', 0],
    ];
    const names = places.flatMap((place) => [...root.at(place).names]);
    expect(names.length).toBeGreaterThan(70);
    expect(names.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text))).toEqual([]);
  });
});
