import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { getDevice } from '../../src/actions/devices.ts';
import { placeHold } from '../../src/actions/hold.ts';
import { now } from '../../src/actions/now.ts';
import { reload } from '../../src/actions/system.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

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

describe('A room at a glance', () => {
  test('is not known once its session is lost, whatever it told before', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { act } = await runDaemon(fleetText({ devices: simulator.devices }));
    simulator.device('hall').state.people(0);
    await eventually(async () => expect((await act(now)).counts.unknown).toBe(0));
    simulator.device('hall').fault('offline', null);
    await eventually(async () =>
      expect((await act(now)).wrong.flatMap(({ troubles }) => troubles)).toMatchObject([{ what: 'session' }]),
    );
    expect((await act(now)).counts.unknown).toBe(1);
    expect(await act(getDevice, { name: 'hall' })).toMatchObject({
      presence: { state: 'unknown', count: null },
      inCall: null,
      standby: null,
    });
  });

  test('differs since it was found to, however often it is looked at', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { act } = await runDaemon(
      fleetText({ devices: simulator.devices, configuration: { 'Audio.DefaultVolume': '70' } }),
    );
    const configuration = async () => (await act(getDevice, { name: 'hall' })).configuration;
    const first = await eventually(async () => {
      const shown = await configuration();
      expect(shown.state).toBe('drift');
      return shown;
    });
    await eventually(async () => expect((await configuration()).checkedAt).not.toBe(first.checkedAt));
    expect(await configuration()).toMatchObject({ state: 'drift', wrongSince: first.wrongSince });
    expect((await act(now)).wrong[0]?.troubles[0]?.since).toBe(first.wrongSince);
    await act(apply);
    await eventually(async () =>
      expect(await configuration()).toMatchObject({ state: 'in-sync', wrongSince: null }),
    );
  });
});
