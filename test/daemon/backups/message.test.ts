import { expect, test } from 'vitest';
import { backupMessage } from '../../../src/daemon/backups/message.ts';
import type { BackupRow } from '../../../src/fleet/backup.ts';
import { backupDifferences } from '../../../src/fleet/backup-difference.ts';
import type { BackupState } from '../../../src/fleet/backup-state.ts';

function row(name: string, changes: Partial<BackupRow> = {}): BackupRow {
  const quiet = { reason: null, fault: null, changed: [], lines: [], kept: [], commit: null } as const;
  return { name, state: 'unchanged', ...quiet, ...changes };
}

const off = row('two', { state: 'failed', fault: 'device', reason: 'it does not answer' });
const failing: BackupState['devices'] = {
  two: { state: 'failed', reason: 'it does not answer', failingSince: 1, backedUpAt: null },
};

function message(
  rows: BackupRow[],
  before: BackupState['devices'] = {},
  most = 20,
  trouble: [string | null, string | null] = [null, null],
) {
  return backupMessage({ rows, before, troubleBefore: trouble[0], trouble: trouble[1] }, most);
}

test('names devices and what changed, at most so many lines, and shows marks instead of obeying them', () => {
  const one = row('one', { state: 'changed', lines: ['Standby.Delay: 10 → 33', 'SystemUnit.Name: a → *b*'] });
  const three = row('three', { state: 'changed', lines: ['panels/help.xml: gone'] });
  expect(message([one, row('two'), three])).toBe(
    '**one** is other than at its last backup:\n- Standby.Delay: 10 → 33\n- SystemUnit.Name: a → \\*b\\*\n\n**three** is other than at its last backup:\n- panels/help.xml: gone',
  );
  expect(message([one, three], {}, 1)).toBe(
    '**one** is other than at its last backup:\n- Standby.Delay: 10 → 33\n\nOther as well: three.\n\n2 more differences stand in the backups.',
  );
});

test('is none where nothing changed; a device that was off is told once, and once when it is back', () => {
  expect(message([row('one')])).toBeNull();
  expect(message([off])).toBe('**two** could not be backed up: it does not answer');
  expect(message([off], failing)).toBeNull();
  expect(message([row('two')], failing)).toBe('Backed up again: two.');
});

test('a folder that cannot be written is told once, and once when it can be again', () => {
  expect(message([], {}, 20, [null, 'the disk is full'])).toBe(
    '**Backups cannot be kept:** the disk is full',
  );
  expect(message([], {}, 20, ['the disk is full', 'the disk is full'])).toBeNull();
  expect(message([], {}, 20, ['the disk is full', null])).toBe('Backups can be kept again.');
});

test('differences are settings with their values, files with what became of them, never a secret', () => {
  const before = new Map([
    ['configuration.yaml', 'configuration:\n  Standby.Delay: 10\n  SIP.Authentication.Password: old\n'],
    ['about.yaml', 'software: ce26.4.1\nreadAt: "1"\nkept: []\n'],
    ['panels/help.xml', '<a/>'],
  ]);
  const after = new Map([
    ['configuration.yaml', 'configuration:\n  SIP.Authentication.Password: new\n  Standby.Control: "On"\n'],
    ['about.yaml', 'software: ce26.9.1\nreadAt: "2"\nkept: []\n'],
    ['macros/lights.js', '//'],
  ]);
  const changed = ['about.yaml', 'configuration.yaml', 'macros/lights.js', 'panels/help.xml'];
  expect(backupDifferences(before, after, changed)).toEqual([
    'software: ce26.4.1 → ce26.9.1',
    'SIP.Authentication.Password: [secret]',
    'Standby.Control: nothing → On',
    'Standby.Delay: 10 → nothing',
    'macros/lights.js: new',
    'panels/help.xml: gone',
  ]);
});
