import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DesiredBranding } from '../../../src/fleet/fleet.ts';
import { BrandingResource } from '../../../src/fleet/resources/branding.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import {
  applyUntilDone,
  type ContentWorld,
  contentWorld,
  PLACE,
  PRESETS,
  rebootAt,
  TRANSPORTS,
  wanting,
  without,
} from './content-world.ts';

const UPLOAD = 'UserInterface.Branding.Upload';

/** The beginning of a PNG, and something to tell pictures apart. */
function png(seed: string): string {
  const noise = createHash('sha512').update(seed).digest();
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), noise]).toString('base64');
}

function picture(type: DesiredBranding['type'], seed: string = type): DesiredBranding {
  return { type, base64: png(seed), place: PLACE };
}

async function world(options: Parameters<typeof contentWorld>[0] = {}): Promise<ContentWorld> {
  const made = await contentWorld(options);
  return made.with(new BrandingResource({ managed: made.managed }));
}

function held(made: ContentWorld): Record<string, string> {
  return Object.fromEntries(made.simulated.state.content.branding);
}

describe.each(PRESETS)('branding, with all unknowns of the device %s', (_name, preset) => {
  const start = (more: Parameters<typeof contentWorld>[0] = {}): Promise<ContentWorld> =>
    world({ preset, ...more });
  const proven = preset.brandingCustomId ? 'accepted' : 'accepted-unreadable';

  test.each(TRANSPORTS)(
    'is put over %s, proven as far as it can be, and then left as it is',
    async (_over, configuration) => {
      const made = await start({ configuration });
      const desired = wanting({ branding: [picture('Background'), picture('Branding')] });
      const plan = await made.plan(desired);
      expect(plan.changes).toMatchObject([
        { path: 'Branding[Background]', from: null, noticeable: true },
        { path: 'Branding[Branding]', from: null },
      ]);
      expect(plan.changes[0]?.to).toMatch(/^72 bytes, SHA-256 [0-9a-f]{12}$/);
      expect(await made.apply(desired)).toEqual([
        `Branding[Background] ${proven}`,
        `Branding[Branding] ${proven}`,
      ]);
      expect(held(made)).toEqual({ Background: png('Background'), Branding: png('Branding') });
      expect(await made.plan(desired)).toMatchObject({ state: 'in-sync', changes: [], untouched: 2 });
    },
  );

  test('that a person replaced is put back', async () => {
    const made = await start();
    const desired = wanting({ branding: [picture('Background')] });
    await made.apply(desired);
    made.byHand(UPLOAD, { Type: 'Background' }, png('holiday'));
    expect((await made.plan(desired)).changes).toMatchObject([{ path: 'Branding[Background]' }]);
    expect(await made.apply(desired)).toEqual([`Branding[Background] ${proven}`]);
    expect(held(made)).toEqual({ Background: png('Background') });
    made.byHand('UserInterface.Branding.Delete', { Type: 'Background' });
    expect((await made.plan(desired)).changes).toMatchObject([{ from: null }]);
  });

  test('that the file drops is deleted if roomd put it there; that of others only with prune: all', async () => {
    const made = await start();
    made.byHand(UPLOAD, { Type: 'Branding', CustomId: 'theirs' }, png('logo'));
    await made.apply(wanting({ branding: [picture('Background')] }));
    expect(await made.apply(wanting(null))).toEqual(['Branding[Background] accepted']);
    expect(held(made)).toEqual({ Branding: png('logo') });
    const foreign = await made.plan(wanting({ branding: [picture('Branding')] }));
    expect(foreign.changes[0]?.from).toMatch(/^foreign: /);
    expect(await made.apply(wanting({ prune: 'all' }))).toEqual(['Branding[Branding] accepted']);
    expect(held(made)).toEqual({});
  });

  test('that is too large is refused in the device’s words', async () => {
    const made = await start({ settings: { largestImageBytes: 10 } });
    const [result] = await made.results(wanting({ branding: [picture('Background')] }));
    expect(result).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('Image is too large'),
    });
    expect(await made.ours('branding')).toEqual([]);
  });

  test('is all there after a restart in the middle of an apply', async () => {
    const made = await start({ settings: { bootLeadMs: 0 } });
    const desired = wanting({ branding: [picture('Background'), picture('Branding')] });
    rebootAt(made, 'UserInterface.Branding.Updated');
    await applyUntilDone(made, desired);
    expect(held(made)).toEqual({ Background: png('Background'), Branding: png('Branding') });
  });

  test('cannot be kept by a product without the command, or without the type', async () => {
    const made = await start({ model: without(builtInModels.room, 'UserInterface.Branding') });
    const plan = await made.plan(wanting({ branding: [picture('Background')] }));
    expect(plan).toMatchObject({
      changes: [],
      problems: [
        {
          path: 'Branding[Background]',
          message: expect.stringContaining('cannot keep a picture of the type Background'),
        },
      ],
    });
  });
});

test.each([
  [{ brandingCustomId: false, brandingGet: 'as-uploaded' }],
  [{ brandingCustomId: true, brandingGet: 're-encoded' }],
] as const)('either an id or the same bytes are proof enough: %o', async (settings) => {
  const made = await world({ settings });
  const desired = wanting({ branding: [picture('Background')] });
  expect(await made.apply(desired)).toEqual(['Branding[Background] accepted']);
  made.byHand(UPLOAD, { Type: 'Background' }, png('holiday'));
  expect(await made.apply(desired)).toEqual(['Branding[Background] accepted']);
  expect(await made.plan(desired)).toMatchObject({ state: 'in-sync', untouched: 1 });
});

test('a file that is no picture is refused by a device that looks', async () => {
  const made = await world({ settings: { checksImages: true } });
  const text: DesiredBranding = { type: 'Branding', base64: 'aGVsbG8=', place: PLACE };
  const [result] = await made.results(wanting({ branding: [text] }));
  expect(result).toMatchObject({ outcome: 'refused', detail: expect.stringContaining('Invalid image') });
});

test('a picture that its id tells is not fetched again', async () => {
  const made = await world();
  const desired = wanting({ branding: [picture('Background')] });
  await made.apply(desired);
  const { requests } = made.simulated.counters;
  const before = requests.get('xCommand/UserInterface/Branding/Get');
  await made.plan(desired);
  expect(requests.get('xCommand/UserInterface/Branding/Get')).toBe(before);
});
