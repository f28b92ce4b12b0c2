import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { getDevice } from '../../src/actions/devices.ts';
import { plan } from '../../src/actions/plan.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { line } from '../cli/command-line.ts';
import { eventually, fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

const DAY_MS = 86_400_000;
/** A simulated device's certificate lasts this long. */
const LIFE_DAYS = 3_650;

describe('The certificate that a device shows is watched', { timeout: 40_000 }, () => {
  test.each([
    [
      LIFE_DAYS - 12,
      { hint: /the certificate that the device shows \(CN=.*expires on .*, in 12 days; renew it/ },
    ],
    [LIFE_DAYS + 2, { problem: /the certificate that the device shows \(CN=.*expired on/ }],
    [0, {}],
  ] as const)('after %i days', async (days, expected: { hint?: RegExp; problem?: RegExp }) => {
    const simulator = await simulated([{ name: 'hall' }]);
    const folder = temporaryFolder();
    const text = fleetText({ devices: simulator.devices });
    const { act } = await runDaemon(text, { folder, clock: systemClock(days * DAY_MS) });
    const view = () => act(getDevice, { name: 'hall' });
    await act(apply, { devices: 'hall' });
    await eventually(async () => expect((await view()).session.state).toBe('up'), 20_000);
    const [planned] = (await act(plan)).devices;
    const certificate = (texts: readonly string[] = []) =>
      texts.filter((one) => one.includes('that the device shows'));
    const { hint, problem } = expected;
    expect(certificate(planned?.hints)).toEqual(hint === undefined ? [] : [expect.stringMatching(hint)]);
    expect(certificate(planned?.problems.map(({ message }) => message))).toEqual(
      problem === undefined ? [] : [expect.stringMatching(problem)],
    );
    const { fingerprint256 } = simulator.device('hall');
    expect((await view()).certificate).toMatchObject({ fingerprint256, daysLeft: LIFE_DAYS - days });
    await eventually(async () => {
      const { configuration } = await view();
      expect(certificate(configuration.hints)).toHaveLength(hint === undefined ? 0 : 1);
      expect(configuration.problems).toHaveLength(problem === undefined ? 0 : 1);
    }, 20_000);
    const status = await line(['status'], { cwd: folder });
    if (hint !== undefined) expect(status.out).toContain('its certificate expires in 12 days');
    else if (problem !== undefined) expect(status.out).toContain('its certificate expired on');
    else expect(status.out).not.toContain('its certificate');
  });
});
