import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSecretPath } from '../../src/fleet/secret-paths.ts';
import { hasReference, SecretReader, secretSource } from '../../src/fleet/secret-ref.ts';
import { fleetText, lines, loadText } from './load-text.ts';

describe('a reference', () => {
  test('to the environment, a file or a systemd credential is read, line breaks at the end left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roomd-secrets-'));
    try {
      await writeFile(join(folder, 'room-password'), 'from a file\r\n\n');
      const reader = new SecretReader(secretSource({ PW: 'from env', CREDENTIALS_DIRECTORY: folder }));
      const read = async (text: string): Promise<string> => (await reader.read(text, folder)).reveal();
      expect(await read('${env:PW}')).toBe('from env');
      expect(await read('${file:room-password}')).toBe('from a file');
      expect(await read(`\${file:${folder}/room-password}`)).toBe('from a file');
      expect(await read('${credential:room-password}')).toBe('from a file');
      expect(await read('a-${env:PW}-${file:room-password}-z')).toBe('a-from env-from a file-z');
      expect(await read('$${env:PW} ${ } $x')).toBe('${env:PW} ${ } $x');
      expect(await read('plain')).toBe('plain');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is told from text that looks like one', () => {
    expect(hasReference('${env:PW}')).toBe(true);
    expect(hasReference('x${credential:a}y')).toBe(true);
    for (const text of ['$${env:PW}', '${PW}', '$env:PW', '']) expect(hasReference(text)).toBe(false);
  });

  test.each([
    ['${env:NONE}', 'the environment variable NONE is not set'],
    ['${env:EMPTY}', 'the environment variable EMPTY is empty'],
    ['${file:none}', '/etc/roomd/none cannot be read (there is no such file)'],
    ['${file:empty}', '/etc/roomd/empty is empty'],
    ['${credential:pw}', 'roomd was not started by systemd with LoadCredential=pw:FILE'],
    ['${credential:../pw}', 'is no name of a systemd credential'],
    ['${evn:PW}', 'Did you mean "env"?'],
    ['${env:}', 'lacks the name behind the colon'],
  ])('%s that leads nowhere says where it was looked for', async (reference, expected) => {
    const text = fleetText().replace('${env:PW}', reference);
    const loaded = await loadText(text, { env: { EMPTY: '' }, files: { '/etc/roomd/empty': '\n' } });
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded)).toEqual([expect.stringMatching(/^2:\d+ credentials\.roomd\.password: /)]);
    expect(loaded.problems[0]?.message).toContain(expected);
  });

  test('that is missing can be a warning, for what contacts nobody', async () => {
    const loaded = await loadText(fleetText(), { missingSecrets: 'warning' });
    expect(loaded.problems.map(({ severity }) => severity)).toEqual(['warning']);
    expect(loaded.fleet?.devices[0]?.password.reveal()).toBe('');
    const wrong = await loadText(fleetText().replace('env:', 'evn:'), { missingSecrets: 'warning' });
    expect(wrong.fleet).toBeNull();
  });
});

test.each([
  ['SIP.Authentication.Password', true],
  ['networkservices.http.proxy.password', true],
  ['UserManagement.LDAP.BindPassword', true],
  ['NetworkServices.NTP.Server[2].Key', true],
  ['NetworkServices.SNMP.CommunityName', true],
  ['Network[1].IEEE8021X.Password', true],
  ['NetworkServices.NTP.Server[1].KeyId', false],
  ['UserManagement.PasswordPolicy.MaxLifetime', false],
  ['H323.Encryption.KeySize', false],
  ['UserInterface.KeyTones.Mode', false],
  ['GPIO.Pin[1].Mode', false],
  ['GPIO.Pin[1]', false],
  ['Video.Input.Miracast.Pin.Length', false],
  ['Standby.Delay', false],
])('whether %s holds a secret is known by its last name: %s', (path, expected) => {
  expect(isSecretPath(path)).toBe(expected);
});
