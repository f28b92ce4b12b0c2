import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditedDevice, readAudit } from '../../src/fleet/audit.ts';
import { BlobStore } from '../../src/fleet/blob-store.ts';
import type { Change, ChangeResult } from '../../src/fleet/change.ts';
import { Order } from '../../src/fleet/managed-content.ts';
import { thenAndNow } from '../../src/fleet/past.ts';
import { PANEL_KIND } from '../../src/fleet/resources/ui-panel.ts';
import { WriteStore } from '../../src/fleet/write-store.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { uuidv7 } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { appendEvents } from '../../src/storage/events.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

const DEVICE = 1;
const ALL = { deviceId: DEVICE, path: null, since: null, before: null, limit: 100 } as const;
const HOUR = 3_600_000;

let temporary: TemporaryDatabase;
let clock: ManualClock;
let writes: WriteStore;

beforeEach(async () => {
  clock = new ManualClock(Date.parse('2026-11-23T08:00:00Z'));
  temporary = await temporaryDatabase({ clock });
  const { database } = temporary;
  const row = {
    serial: null,
    fingerprint256: null,
    product: null,
    software: null,
    first_seen_at: null,
    last_seen_at: null,
  };
  await database.write([
    database.query.insertInto('device').values({
      ...row,
      name: 'boardroom-1',
      host: '10.0.3.11:443',
      removed_at: clock.now(),
      created_at: clock.now(),
    }),
  ]);
  writes = new WriteStore(
    { fingerprintKey: 'key' },
    {
      database,
      blobs: new BlobStore({ database, clock }),
      clock,
      newId: uuidv7(clock),
    },
  );
});

afterEach(() => temporary.close());

describe('the record of writes', () => {
  test('is newest first, with who, when, before, after and what the device answered', async () => {
    await write('Standby.Delay', '5', '30');
    await clock.advance(HOUR);
    await write('Audio.DefaultVolume', '50', '500', { outcome: 'refused', detail: 'out of range' });
    const found = await readAudit(temporary.database, ALL);
    expect(found).toMatchObject([
      { path: 'Audio.DefaultVolume', before: '50', after: '500', state: 'refused', answer: 'out of range' },
      { path: 'Standby.Delay', before: '5', after: '30', state: 'accepted', answer: null, actor: 'cli:anna' },
    ]);
    expect(found.map(({ at }) => new Date(at).toISOString())).toEqual([
      '2026-11-23T09:00:00.000Z',
      '2026-11-23T08:00:00.000Z',
    ]);
  });

  test('never shows a secret, be it one by its value or by its path', async () => {
    await write('H323.Something', '[secret]', new Secret('sesame-open'));
    await write('NetworkServices.SNMP.CommunityName', 'public', 'private');
    const found = await readAudit(temporary.database, ALL);
    expect(found.map(({ before, after }) => [before, after])).toEqual([
      ['[secret]', '[secret]'],
      ['[secret]', '[secret]'],
    ]);
    expect(JSON.stringify(found)).not.toMatch(/sesame|private|public|hmac/);
  });

  test('shows things besides settings by their size and digest, and no secret of theirs', async () => {
    const from = '120 bytes, SHA-256 aaaaaaaaaaaa';
    const to = '140 bytes, SHA-256 bbbbbbbbbbbb';
    const wanted = new Order(PANEL_KIND, { action: 'put', key: 'help', digest: 'b'.repeat(64) });
    await write('Panel[help]', from, wanted, { kind: PANEL_KIND, to });
    expect(await readAudit(temporary.database, ALL)).toMatchObject([{ before: from, after: to }]);
  });

  test('is sifted by path and time and read page by page', async () => {
    for (let volume = 0; volume < 12; volume += 1) {
      await write('Audio.DefaultVolume', String(volume), String(volume + 1));
      await write('Standby.Delay', '1', '2');
      await clock.advance(HOUR);
    }
    const first = await readAudit(temporary.database, { ...ALL, path: 'audio', limit: 5 });
    expect(first.map(({ after }) => after)).toEqual(['12', '11', '10', '9', '8']);
    const next = await readAudit(temporary.database, {
      ...ALL,
      path: 'audio',
      limit: 5,
      before: first.at(-1)?.seq ?? 0,
    });
    expect(next.map(({ after }) => after)).toEqual(['7', '6', '5', '4', '3']);
    const recent = await readAudit(temporary.database, { ...ALL, since: clock.now() - 2 * HOUR });
    expect(recent).toHaveLength(4);
  });

  test('is there also for a device that the file no longer names', async () => {
    expect(await auditedDevice(temporary.database, 'boardroom-1')).toBe(DEVICE);
    expect(await auditedDevice(temporary.database, 'nobody')).toBeNull();
  });
});

describe('a time against now', () => {
  test('tells what was approved and what the device held, and on what that rests', async () => {
    await approve('r1', { 'Standby.Delay': { value: '30' }, 'Time.Zone': { value: 'Europe/Oslo' } });
    await write('Standby.Delay', '5', '30');
    await clock.advance(HOUR);
    const at = clock.now();
    await clock.advance(HOUR);
    await approve('r2', { 'Standby.Delay': { value: '45' }, 'Time.Zone': { value: 'Europe/Oslo' } });
    await write('Standby.Delay', '30', '45');
    await write('Audio.DefaultVolume', '70', '50');
    await clock.advance(HOUR);
    const found = await thenAndNow(temporary.database, { deviceId: DEVICE, at, now: clock.now() });
    expect(found).toMatchObject({ revisionThen: 'r1', revisionNow: 'r2', same: 1, unknown: ['Time.Zone'] });
    expect(found.changed).toMatchObject([
      {
        path: 'Audio.DefaultVolume',
        approvedThen: null,
        heldThen: { value: '70', basis: 'seen-before-write' },
        heldNow: { value: '50', basis: 'written' },
      },
      {
        path: 'Standby.Delay',
        approvedThen: '30',
        approvedNow: '45',
        heldThen: { value: '30', basis: 'written' },
        heldNow: { value: '45' },
      },
    ]);
  });

  test('knows what the device told in between, and does not know what a cut-off write left', async () => {
    await write('Standby.Delay', '5', '30');
    const at = clock.now();
    await clock.advance(HOUR);
    await appendEvents(temporary.database, [
      {
        deviceId: DEVICE,
        kind: 'configuration',
        path: 'Standby.Delay',
        payload: { leaves: { 'Standby.Delay': '10' }, gone: [] },
        source: 'session',
        receivedAt: clock.now(),
        deviceAt: null,
      },
    ]);
    await write('Audio.DefaultVolume', '50', '60', { outcome: 'failed', detail: 'no answer' });
    await clock.advance(HOUR);
    const { changed } = await thenAndNow(temporary.database, { deviceId: DEVICE, at, now: clock.now() });
    expect(changed).toMatchObject([
      { path: 'Audio.DefaultVolume', heldThen: { value: '50' }, heldNow: null },
      { path: 'Standby.Delay', heldThen: { value: '30' }, heldNow: { value: '10', basis: 'heard' } },
    ]);
  });

  test('tells that a secret was replaced by another and shows neither', async () => {
    await approve('r1', { 'SIP.Authentication.Password': { fingerprint: 'aaaa' } });
    const at = clock.now();
    await clock.advance(HOUR);
    await approve('r2', { 'SIP.Authentication.Password': { fingerprint: 'bbbb' } });
    const { changed } = await thenAndNow(temporary.database, { deviceId: DEVICE, at, now: clock.now() });
    expect(changed).toMatchObject([{ approvedThen: '[secret]', approvedNow: '[secret]', heldThen: null }]);
    expect(JSON.stringify(changed)).not.toMatch(/aaaa|bbbb/);
  });
});

async function write(
  path: string,
  from: string,
  wanted: string | Secret,
  {
    outcome = 'accepted',
    detail = null,
    kind = 'configuration',
    to = String(wanted),
  }: Partial<Pick<ChangeResult, 'outcome' | 'detail'> & Pick<Change, 'kind' | 'to'>> = {},
): Promise<void> {
  const change: Change = {
    kind,
    path,
    from,
    to,
    wanted,
    unreadable: false,
    noticeable: true,
  };
  const ledger = writes.ledger({ deviceId: DEVICE, revisionId: null, actor: 'cli:anna' });
  const ids = await ledger.intend([change]);
  await ledger.settle(ids, [{ change, outcome, detail }]);
}

async function approve(id: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { database } = temporary;
  await database.write([
    database.query.insertInto('revision').values({
      id,
      fingerprint: id,
      approved_at: clock.now(),
      approved_by: 'cli:anna',
      desired_json: JSON.stringify({ [DEVICE]: settings }),
    }),
  ]);
}
