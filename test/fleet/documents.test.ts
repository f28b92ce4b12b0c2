import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/fleet/change.ts';
import { inDocuments } from '../../src/fleet/documents.ts';
import { Secret } from '../../src/lib/secret.ts';

function change(at: number, wanted: string | Secret): Change {
  return {
    kind: 'configuration',
    path: `A[${at}]`,
    from: null,
    to: '',
    wanted,
    unreadable: false,
    noticeable: false,
  };
}

const sizes = (changes: readonly Change[], mostBytes: number): number[] =>
  inDocuments(changes, mostBytes).map(({ length }) => length);

describe('documents', () => {
  it('are one for all that a device usually gets, and none for nothing', () => {
    expect(inDocuments(Array.from({ length: 500 }, (_, at) => change(at, 'value')))).toHaveLength(1);
    expect(inDocuments([])).toEqual([]);
  });

  it('stay below the size in bytes of UTF-8, secrets counted, in order', () => {
    const large = [change(0, 'x'.repeat(100)), change(1, new Secret('€'.repeat(33))), change(2, 'x')];
    expect(sizes(large, 700)).toEqual([3]);
    expect(sizes(large, 500)).toEqual([1, 2]);
    expect(inDocuments(large, 500).flat()).toEqual(large);
  });

  it('hold one change that is too large by itself', () => {
    expect(sizes([change(0, 'x'), change(1, 'x'.repeat(100)), change(2, 'x')], 50)).toEqual([1, 1, 1]);
  });
});
