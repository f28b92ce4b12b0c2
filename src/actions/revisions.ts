import { z } from 'zod';
import { listRevisions } from '../fleet/revision-list.ts';
import type { Action } from './action.ts';
import { components, pageOf, Time } from './answers.ts';
import { seqIn, seqPageShape, writeCursor } from './cursor.ts';
import { rfc3339, ShownCommit, showCommit } from './present.ts';

const Input = z.strictObject({
  ...seqPageShape,
});

export const ShownRevision = z
  .strictObject({
    id: z.string(),
    approvedAt: Time,
    approvedBy: z.string().describe('`cli:anna`, `rollout:…`.'),
    fingerprint: z.string().describe('Of the file that was approved.'),
    commit: ShownCommit.nullable(),
    writes: z.int().describe('How many settings were written, or were to be, to carry it out.'),
  })
  .register(components, { id: 'Revision' });

const ORDER = 'revisions';

export const RevisionList = pageOf(ShownRevision);

export const revisions: Action<z.output<typeof Input>, z.output<typeof RevisionList>> = {
  name: 'revisions',
  summary: 'What was approved, newest first: when, by whom and of which file.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/revisions' },
  input: Input,
  answer: RevisionList,
  async run({ limit, cursor }, { database }, _caller, options) {
    const rows = await listRevisions(database, { before: seqIn(cursor, ORDER), limit }, options);
    const last = rows.at(-1);
    return {
      items: rows.map(({ seq: _seq, approvedAt, commit, ...revision }) => ({
        ...revision,
        approvedAt: rfc3339(approvedAt),
        commit: showCommit(commit),
      })),
      nextCursor: last === undefined || rows.length < limit ? null : writeCursor([last.seq], ORDER),
    };
  },
};
