import { describe, expect, it } from 'vitest';
import { withOperations } from '../../scripts/docs-http-api.mjs';
import { actions } from '../../src/actions/registry.ts';
import { document } from './documents.ts';

const TEXT = document('docs/http-api.md');

describe('docs/http-api.md', () => {
  it('tells of the operations there are; npm run build && node scripts/docs-http-api.mjs makes it so', () => {
    expect(TEXT).toBe(withOperations(TEXT, actions));
  });

  it('would notice an operation that it does not tell of', () => {
    expect(withOperations(TEXT, actions.slice(1))).not.toBe(TEXT);
  });
});
