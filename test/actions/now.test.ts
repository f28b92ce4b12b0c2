import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { placeHold } from '../../src/actions/hold.ts';
import { now } from '../../src/actions/now.ts';
import { reload } from '../../src/actions/system.ts';
import { fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

async function standing({ act }: RunningDaemon) {
  return (await act(now)).standing;
}

describe('What holds for roomd as a whole, at a glance', () => {
  test('is nothing while all is well', async () => {
    const { devices } = await simulated([{ name: 'hall' }]);
    expect(await standing(await runDaemon(fleetText({ devices })))).toEqual([]);
  });

  test('is a hold with who, why and how it ends', async () => {
    const { devices } = await simulated([{ name: 'hall' }]);
    const daemon = await runDaemon(fleetText({ devices }));
    await daemon.act(placeHold, { reason: 'fire drill', devices: 'hall' });
    expect(await standing(daemon)).toEqual([
      {
        what: 'hold',
        severity: 'warning',
        title: 'On hold for hall by test: fire drill',
        since: expect.stringMatching(/Z$/),
        doing: expect.stringContaining('roomd hold --release'),
      },
    ]);
  });

  test('is a broken file with its place, and that the last good one stays', async () => {
    const { devices } = await simulated([{ name: 'hall' }]);
    const daemon = await runDaemon(fleetText({ devices }));
    writeFileSync(daemon.file, `${fleetText({ devices })}\nmacross: []\n`);
    await daemon.act(reload);
    expect(await standing(daemon)).toMatchObject([
      {
        what: 'file',
        severity: 'warning',
        title: expect.stringMatching(/^The fleet file is broken: .*fleet\.yaml:\d+:\d+ macross/),
        doing: 'goes on with the last good file until this one is mended',
      },
    ]);
  });

  test('is a change of the file that waits to be approved, and it goes with the approval', async () => {
    const { devices } = await simulated([{ name: 'hall' }]);
    const text = (volume: string) =>
      fleetText({ devices, configuration: { 'Audio.DefaultVolume': volume }, mode: 'enforce' });
    const daemon = await runDaemon(text('60'));
    await daemon.act(apply);
    expect(await standing(daemon)).toEqual([]);
    writeFileSync(daemon.file, text('70'));
    await daemon.act(reload);
    expect(await standing(daemon)).toMatchObject([{ what: 'pending', severity: 'info', since: null }]);
    await daemon.act(apply);
    expect(await standing(daemon)).toEqual([]);
  });
});
