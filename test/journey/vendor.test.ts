import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { plan } from '../../src/actions/plan.ts';
import { modelFromSchema } from '../../src/simulator/models/from-schema.ts';
import { hasFixtures, VERSIONS, vendorSchema } from '../schema/vendor-files.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const WANTED = { 'Standby.Delay': '25', 'SystemUnit.Name': 'Møterom ✓', 'Audio.DefaultVolume': '65' };

describe.skipIf(!hasFixtures)("Devices with a vendor product's complete tree", () => {
  test.each(VERSIONS)(
    'of software %s are planned and applied with proof',
    async (version) => {
      const vendor = vendorSchema(version);
      const names = vendor.products.slice(0, 2);
      const isCe9 = version.startsWith('9.');
      const simulator = await simulated(
        names.map((name) => ({
          name: `room-${name.toLowerCase()}`,
          model: modelFromSchema(vendor.product(name)),
          configuration: { 'Standby.Delay': '5', ...(isCe9 ? { 'NetworkServices.Websocket': 'Off' } : {}) },
        })),
      );
      const { act } = await runDaemon(
        fleetText({ devices: simulator.devices, configuration: WANTED, timing: TIMING }),
      );
      const state = isCe9 ? 'up-https' : 'up';
      await eventually(async () => {
        const { items } = await act(listDevices);
        expect(items.map(({ session }) => session.state)).toEqual(names.map(() => state));
      }, 15_000);

      const planned = await act(plan);
      expect(planned.summary).toMatchObject({ devices: names.length, failed: 0, problems: 0 });
      for (const { changes, hints } of planned.devices) {
        expect(changes).toContainEqual({ kind: 'configuration', path: 'Standby.Delay', from: '5', to: '25' });
        expect(hints.some((hint) => hint.includes('websocket'))).toBe(isCe9);
      }
      const applied = await act(apply);
      expect(applied.summary).toMatchObject({ failed: 0, refused: 0, notProven: 0, waiting: 0 });
      for (const device of simulator.devices)
        for (const [path, value] of Object.entries(WANTED))
          expect(device.state.configuration(path)).toBe(value);
      expect((await act(plan)).summary).toMatchObject({ changes: 0, inSync: names.length });
    },
    40_000,
  );
});

const TIMING =
  '{ sweep: 60s, drift: 60s, slotCheck: 60s, connect: 5s, request: 10s, ping: 5s, retryFirst: 100ms, retryMost: 400ms }';
