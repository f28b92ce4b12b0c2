import { aboutRoomd, defineRule } from '../rule.ts';

export const databaseTrouble = defineRule({
  name: 'database-trouble',
  summary: 'roomd’s database cannot be written; nothing is recorded meanwhile.',
  severity: 'critical',
  forMs: 15_000,
  clearMs: 15_000,
  options: {},
  look: ({ database }) =>
    aboutRoomd(
      database === null
        ? []
        : [
            {
              key: 'database',
              title: 'The database of roomd cannot be written',
              cleared: 'The database of roomd is written again',
              detail: `${database}. Nothing is recorded meanwhile, and roomd writes to no device.`,
              remedy: 'Is the disk full or read-only? docs/operations.md says what to do.',
            },
          ],
    ),
});
