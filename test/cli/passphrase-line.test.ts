import { expect, test } from 'vitest';
import { passphraseLines } from '../../src/cli/commands/status.ts';

function told(...all: readonly ('password' | 'next' | 'unknown' | null)[]): string[] {
  return passphraseLines(all.map((accepts) => ({ accepts })));
}

test('A device of which nothing is known does not count as one that accepts the next passphrase', () => {
  expect(told(null, null)).toEqual([]);
  expect(told('next', 'next', 'unknown', null)).toEqual([
    'Passphrases: 2 of 3 devices are known to accept next; roomd rotate status says what to do.',
  ]);
  expect(told('next', 'password')).toEqual([
    'Passphrases: 1 of 2 devices are known to accept next; roomd rotate status says what to do.',
  ]);
});
