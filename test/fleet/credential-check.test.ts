import { describe, expect, test } from 'vitest';
import { lines, loadText } from './load-text.ts';

const text = (next: string, more = '') => `version: 1
credentials:
  roomd:
    username: admin
    password: "\${env:PW}"
    next: ${next}
${more}
defaults: { credentials: roomd }
devices:
  - { name: one, host: 10.0.0.1 }
`;
const ENV = { PW: 'correct horse', NEXT: 'a new passphrase' };

const problemsOf = async (next: string, env: Record<string, string> = {}, more = '') =>
  lines(await loadText(text(next, more), { env: { ...ENV, ...env } }));

describe('The secret that replaces a password', () => {
  test('is taken from a reference, and belongs to the devices that log in with it', async () => {
    const { fleet, problems } = await loadText(text('"${env:NEXT}"'), { env: ENV });
    expect(problems).toEqual([]);
    expect(fleet?.devices[0]?.next?.reveal()).toBe('a new passphrase');
    expect(JSON.stringify(fleet)).not.toContain('a new passphrase');
    const { fleet: without } = await loadText(text('"${env:NEXT}"').replace(/ {4}next.*\n/, ''), {
      env: ENV,
    });
    expect(without?.fingerprint).toBe(fleet?.fingerprint);
  });

  test.each([
    [
      'the same secret',
      '"${env:PW}"',
      {},
      /^6:11 credentials\.roomd\.next: next is the same secret as password/,
    ],
    ['the same secret under another name', '"${env:NEXT}"', { NEXT: ENV.PW }, /^6:11 .* the same secret/],
    ['nothing', '""', {}, /^6:5 credentials\.roomd\.next: it is empty/],
    ['an empty variable', '"${env:NEXT}"', { NEXT: '' }, /^6:11 .*NEXT is empty/],
    [
      'more than a device takes',
      '"${env:NEXT}"',
      { NEXT: 'å'.repeat(128) },
      /^6:11 .* 256 bytes.* at most 255/,
    ],
    ['a line break', '"${env:NEXT}"', { NEXT: 'two\nlines' }, /^6:11 .* control character or a line break/],
  ])('is a mistake where it is %s', async (_what, next, env, expected) => {
    expect(await problemsOf(next, env)).toEqual([expect.stringMatching(expected)]);
  });

  test('may have as many bytes as a device takes', async () => {
    expect(await problemsOf('"${env:NEXT}"', { NEXT: 'x'.repeat(255) })).toEqual([]);
  });

  test('is told where it stands in plain text, or where no device has the login', async () => {
    expect(await problemsOf('in plain sight')).toEqual([
      expect.stringMatching(/^6:11 .*warning.*for everyone to read/),
    ]);
    const spare = '  spare: { username: a, password: "${env:PW}", next: "${env:NEXT}" }';
    expect(await problemsOf('"${env:NEXT}"', {}, spare)).toContainEqual(
      expect.stringMatching(/^7:\d+ .*spare\.next.* nothing that next could replace/),
    );
  });
});
