import { expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { DeviceState } from '../../src/simulator/device-state.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { quick, type SimulatorSettings } from '../../src/simulator/settings.ts';

const PANEL = 'UserInterface.Extensions.Panel.Save';

function makeState(settings: Partial<SimulatorSettings> = {}): { state: DeviceState; clock: ManualClock } {
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 9));
  const state = new DeviceState(
    {
      model: builtInModels.room,
      serial: 'SIM1',
      systemName: 'room',
      configuration: { 'Macros.Mode': 'On' },
      settings: { ...quick, ...settings },
    },
    { clock, random: seededRandom(1) },
  );
  return { state, clock };
}

function run(state: DeviceState, path: string, args: Record<string, string> = {}, body = ''): unknown {
  return state.command(path, args, { body });
}

it('replaces all panels by Extensions Set, and clears them by kind', () => {
  const { state } = makeState();
  run(state, PANEL, { PanelId: 'old' }, '<Extensions><Panel><Name>Old</Name></Panel></Extensions>');
  const both = ['help', 'web'].map(
    (id) =>
      `<Panel><PanelId>${id}</PanelId><ActivityType>${id === 'web' ? 'WebApp' : 'Custom'}</ActivityType></Panel>`,
  );
  run(state, 'UserInterface.Extensions.Set', { ConfigId: '1' }, `<Extensions>${both.join('')}</Extensions>`);
  expect([...state.content.panels.keys()]).toEqual(['help', 'web']);
  run(state, 'UserInterface.Extensions.Clear', { ActivityType: 'WebApp' });
  expect([...state.content.panels.keys()]).toEqual(['help']);
  expect(run(state, 'UserInterface.Extensions.Set', { ConfigId: '1' }, '<a')).toMatchObject({
    kind: 'failed',
  });
});

it('counts sizes in UTF-8 bytes', () => {
  const { state } = makeState({ largestMacroBytes: 10, largestPanelBytes: 75 });
  const save = (source: string): unknown => run(state, 'Macros.Macro.Save', { Name: 'a' }, source);
  expect(save('æ'.repeat(5))).toMatchObject({ kind: 'ok' });
  expect(save('æ'.repeat(6))).toMatchObject({ kind: 'failed' });
  const named = (name: string): unknown =>
    run(state, PANEL, { PanelId: 'p' }, `<Extensions><Panel><Name>${name}</Name></Panel></Extensions>`);
  expect(named('a'.repeat(20))).toMatchObject({ kind: 'ok' });
  expect(named('æ'.repeat(20))).toMatchObject({ kind: 'failed' });
});

it('renames and removes macros, and runs what was active at the last restart', () => {
  const { state } = makeState();
  run(state, 'Macros.Macro.Save', { Name: 'a' }, 'one();');
  run(state, 'Macros.Macro.Activate', { Name: 'a' });
  expect([...state.content.running]).toEqual([]);
  run(state, 'Macros.Runtime.Restart');
  expect([...state.content.running]).toEqual([['a', 'one();']]);
  run(state, 'Macros.Macro.Rename', { Name: 'a', NewName: 'b' });
  expect([...state.content.macros.keys()]).toEqual(['b']);
  run(state, 'Macros.Runtime.Restart');
  expect([...state.content.running.keys()]).toEqual(['b']);
  run(state, 'Macros.Macro.RemoveAll');
  run(state, 'Macros.Runtime.Stop');
  expect(state.content.macros.size + state.content.running.size).toBe(0);
  expect(state.content.macroLog.length).toBeGreaterThan(0);
  run(state, 'Macros.Log.Clear');
  expect(state.content.macroLog).toEqual([]);
});

it('shows ids of pictures until they are cleared', () => {
  const { state } = makeState();
  run(state, 'UserInterface.Branding.Upload', { Type: 'Background', CustomId: 'mine' }, 'aGVsbG8=');
  expect(state.status('UserInterface.Branding.CustomId.Background')).toBe('mine');
  run(state, 'UserInterface.Branding.Clear');
  expect(state.status('UserInterface.Branding.CustomId.Background')).toBe('');
});

it('uses one service certificate for a purpose, and none once it is deactivated or deleted', () => {
  const { state } = makeState();
  const keys = newKeyPair();
  const shown: (string | null)[] = [];
  state.onHttpsCertificate((certificate) => shown.push(certificate?.pem ?? null));
  const [one, two] = ['one', 'two'].map((commonName) =>
    selfSign(keys, { commonName, now: Date.UTC(2026, 0, 1) }),
  );
  for (const certificate of [one, two])
    run(state, 'Security.Certificates.Services.Add', {}, `${certificate?.pem}${certificate?.keyPem}`);
  const fingerprints = (args: Record<string, string> = {}): string[] => {
    const outcome = state.command('Security.Certificates.Services.Show', args);
    const { Details } = (outcome.kind === 'ok' ? outcome.result : {}) as {
      Details: { Fingerprint: string }[];
    };
    return Details.map(({ Fingerprint }) => Fingerprint);
  };
  const [first = '', second = ''] = fingerprints();
  expect(first).toMatch(/^[0-9a-f]{40}$/);
  expect(fingerprints({ FingerprintAlgorithm: 'SHA-256' })[0]).toMatch(/^[0-9a-f]{64}$/);
  const use = (command: string, Fingerprint: string): unknown =>
    run(state, `Security.Certificates.Services.${command}`, { Fingerprint, Purpose: 'HTTPS' });
  use('Activate', first);
  use('Activate', second);
  expect(fingerprints({ Filter: 'HTTPS' })).toEqual([second]);
  use('Deactivate', second);
  expect(fingerprints({ Filter: 'HTTPS' })).toEqual([]);
  run(state, 'Security.Certificates.Services.Delete', { Fingerprint: first });
  expect(fingerprints()).toEqual([second]);
  expect(shown).toEqual([one?.pem, two?.pem, null]);
});

it('restarts with the software that a URL names, and tells of one that cannot be fetched', async () => {
  const { state, clock } = makeState({ upgradeMs: 1_000, bootLeadMs: 100, rebootMs: 5_000 });
  const upgrade = (URL: string): unknown => run(state, 'SystemUnit.SoftwareUpgrade', { URL });
  upgrade('http://files.example.com/nothing.pkg');
  await clock.advance(1_000);
  expect(state.status('Provisioning.Software.UpgradeStatus.Status')).toBe('Failed');
  upgrade('http://files.example.com/ce26.9.1.2.0a1b2c3.pkg');
  await clock.advance(2_000);
  expect(state.isOn).toBe(false);
  await clock.advance(6_000);
  expect(state.isOn).toBe(true);
  expect(state.status('SystemUnit.Software.Version')).toBe('ce26.9.1.2.0a1b2c3');
});
