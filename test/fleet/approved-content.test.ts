import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTENT } from '../../src/fleet/approved-settings.ts';
import { BlobStore, digestOfBytes, MOST_BLOB_BYTES } from '../../src/fleet/blob-store.ts';
import { DeviceStore } from '../../src/fleet/device-store.ts';
import { contentDigest } from '../../src/fleet/fingerprint.ts';
import type { DesiredCertificate, DesiredContent, DesiredDevice, Fleet } from '../../src/fleet/fleet.ts';
import { RevisionStore } from '../../src/fleet/revision.ts';
import { namedContent } from '../../src/fleet/rollout/named-content.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { ToldDevice } from '../feedback/support.ts';
import { sampleDevice, sampleFleet } from '../macros/sample-fleet.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

const PLACE = { file: '/fleet.yaml', line: 1, column: 1 };
const HOUR_MS = 3_600_000;
const KEY = 'key';

let temporary: TemporaryDatabase;
let blobs: BlobStore;
let devices: DeviceStore;
let ids = 0;
const clock = new ManualClock(1_000);

beforeEach(async () => {
  temporary = await temporaryDatabase();
  blobs = new BlobStore({ database: temporary.database, clock });
  devices = new DeviceStore({ database: temporary.database, clock });
});

afterEach(() => temporary.close());

function newId(): string {
  ids += 1;
  return `id-${ids}`;
}

/** As after a start: nothing is known but what the database holds. */
function newStore(): RevisionStore {
  const { database } = temporary;
  blobs = new BlobStore({ database, clock });
  return new RevisionStore({ fingerprintKey: KEY }, { database, blobs, clock, newId });
}

function contentOf(changes: Partial<DesiredContent>): DesiredContent {
  return {
    panels: [],
    deviceMacros: [],
    branding: [],
    certificates: [],
    software: null,
    prune: 'own',
    ...changes,
  };
}

async function fleetOf(content: DesiredContent | null): Promise<Fleet> {
  const device: DesiredDevice = { ...sampleDevice('a'), configuration: new Map() };
  const fleet = sampleFleet({ devices: [content === null ? device : { ...device, content }] });
  await devices.follow(fleet.devices);
  return fleet;
}

async function approved(store: RevisionStore, fleet: Fleet) {
  const [desired] = fleet.devices;
  if (desired === undefined) throw new Error('no device');
  const target = { desired, device: new ToldDevice(1) };
  return store.approvedState(target, await store.latest());
}

async function kept(): Promise<string[]> {
  const { query } = temporary.database;
  const rows = await temporary.database.read(query.selectFrom('content_blob').select('digest'));
  return rows.map(({ digest }) => digest).sort();
}

const ALL = contentOf({
  panels: [{ id: 'help', xml: '<Extensions/>', place: PLACE }],
  deviceMacros: [{ name: 'light', source: 'on();', active: false, place: PLACE }],
  branding: [{ type: 'Background', base64: Buffer.from('picture').toString('base64'), place: PLACE }],
  software: { version: '26.4.1', url: null, place: PLACE },
  prune: 'all',
});

describe('Content that was approved', () => {
  it('is given back in full when the file has moved on, also after a restart', async () => {
    await newStore().approve(await fleetOf(ALL), new Set(['a']), 'anna');
    const moved = contentOf({ panels: [{ id: 'help', xml: '<Other/>', place: PLACE }] });
    for (const later of [moved, null]) {
      const state = await approved(newStore(), await fleetOf(later));
      expect(state?.knowsContent).toBe(true);
      expect(state?.desired.content).toMatchObject({
        panels: [{ id: 'help', xml: '<Extensions/>' }],
        deviceMacros: [{ name: 'light', source: 'on();', active: false }],
        branding: ALL.branding.map(({ type, base64 }) => ({ type, base64 })),
        software: { version: '26.4.1' },
        prune: 'all',
      });
    }
  });

  it('comes from the file itself while that is what was approved, so that devices share it', async () => {
    const store = newStore();
    await store.approve(await fleetOf(ALL), new Set(['a']), 'anna');
    const state = await approved(store, await fleetOf(ALL));
    expect(state?.desired.content?.branding[0]).toBe(ALL.branding[0]);
    expect(await store.isPending(await fleetOf(ALL))).toBe(false);
    expect(await store.isPending(await fleetOf({ ...ALL, prune: 'own' }))).toBe(true);
  });

  it('that is not on record any more is left alone as a whole', async () => {
    await newStore().approve(await fleetOf(ALL), new Set(['a']), 'anna');
    const { database } = temporary;
    await database.write([
      database.query.deleteFrom('content_blob').where('digest', '=', digestOfBytes(Buffer.from('on();'))),
    ]);
    const state = await approved(newStore(), await fleetOf(null));
    expect(state?.knowsContent).toBe(false);
    expect(state?.desired.content).toBeUndefined();
  });

  it('holds authorities in full, and of a service certificate no private key anywhere', async () => {
    const own = selfSign(newKeyPair(), { commonName: 'room', now: clock.now() });
    const trusted = selfSign(newKeyPair(), { commonName: 'authority', now: clock.now() });
    const service: DesiredCertificate = {
      kind: 'service',
      pem: new Secret(`${own.pem}${own.keyPem}`),
      fingerprint256: 'AA:BB',
      expiresAt: 0,
      purposes: ['SIP', 'HTTPS'],
      place: PLACE,
    };
    const authority: DesiredCertificate = {
      ...service,
      kind: 'ca',
      pem: trusted.pem,
      fingerprint256: 'CC:DD',
      purposes: [],
    };
    const store = newStore();
    const fleet = await fleetOf(contentOf({ certificates: [authority, service] }));
    await store.approve(fleet, new Set(['a']), 'anna');
    const everything = await temporary.database.read(
      temporary.database.query.selectFrom('content_blob').selectAll(),
    );
    const bytes = Buffer.concat(everything.map((row) => Buffer.from(row.bytes))).toString();
    expect(bytes).toContain('BEGIN CERTIFICATE');
    expect(bytes).not.toContain('PRIVATE');
    const same = await approved(store, fleet);
    expect(same?.desired.content?.certificates[1]?.pem).toBe(service.pem);
    const gone = await approved(store, await fleetOf(null));
    expect(gone?.desired.content?.certificates).toMatchObject([
      { kind: 'ca', pem: trusted.pem, fingerprint256: 'CC:DD' },
      { kind: 'service', pem: own.pem, purposes: ['HTTPS', 'SIP'] },
    ]);
  });
});

async function approveAsBefore(content: DesiredContent): Promise<void> {
  const { database } = temporary;
  const desired = {
    1: { [CONTENT]: { digest: contentDigest(content, KEY) }, 'Standby.Delay': { value: '5' } },
  };
  await database.write([
    database.query.insertInto('revision').values({
      id: 'old',
      fingerprint: 'f',
      approved_at: 0,
      approved_by: 'cli:anna',
      desired_json: JSON.stringify(desired),
    }),
  ]);
}

describe('A database from before schema 6', () => {
  it('has its content approved as in the file while the digest is the same, and left alone afterwards', async () => {
    await approveAsBefore(ALL);
    const same = await approved(newStore(), await fleetOf(ALL));
    expect(same).toMatchObject({ knowsContent: true, desired: { content: ALL } });
    const other = await approved(newStore(), await fleetOf({ ...ALL, prune: 'own' }));
    expect(other?.knowsContent).toBe(false);
    expect([...(other?.desired.configuration.keys() ?? [])]).toEqual(['Standby.Delay']);
  });

  it('is brought into today’s form at a start, under the same revision', async () => {
    await approveAsBefore(ALL);
    const store = newStore();
    const fleet = await fleetOf(ALL);
    await store.upgradeContent(fleet);
    expect((await newStore().latest())?.id).toBe('old');
    const later = await approved(newStore(), await fleetOf(null));
    expect(later?.desired.content?.panels).toMatchObject([{ id: 'help', xml: '<Extensions/>' }]);
    expect([...(later?.desired.configuration.keys() ?? [])]).toEqual(['Standby.Delay']);
  });

  it('keeps its one digest where the file has moved on', async () => {
    await approveAsBefore(ALL);
    const store = newStore();
    await store.upgradeContent(await fleetOf(null));
    expect(Object.keys((await store.latest())?.desired.get(1) ?? {})).toContain(CONTENT);
  });
});

describe('Contents on record', () => {
  it('are written once, and go an hour after nothing names them', async () => {
    const store = newStore();
    await store.approve(await fleetOf(ALL), new Set(['a']), 'anna');
    await store.approve(await fleetOf(ALL), new Set(['a']), 'anna');
    expect(await kept()).toHaveLength(3);
    await store.approve(await fleetOf({ ...ALL, panels: [], branding: [] }), new Set(['a']), 'anna');
    const collect = async () => blobs.collect(await namedContent(temporary.database, await store.latest()));
    expect(await collect()).toBe(0);
    await clock.advance(2 * HOUR_MS);
    expect(await collect()).toBe(2);
    expect(await kept()).toEqual([digestOfBytes(Buffer.from('on();'))]);
  });

  it('are no larger than the limit', async () => {
    const bytes = new Uint8Array(MOST_BLOB_BYTES + 1);
    await blobs.keep([{ digest: 'large', bytes: () => bytes }]);
    expect(await blobs.read('large')).toBeNull();
  });
});
