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
const SHOWS = 'the certificate that the device shows';

describe('The certificate that a device shows is watched', { timeout: 40_000 }, () => {
  test.each([
    {
      days: LIFE_DAYS - 12,
      hints: [expect.stringMatching(/ \(CN=.*expires on .*, in 12 days; renew it$/)],
      problems: [],
      status: /hall.*its certificate expires in 12 days/,
    },
    {
      days: LIFE_DAYS + 2,
      hints: [],
      problems: [expect.stringMatching(/ \(CN=.*expired on \d{4}-/)],
      status: /hall.*certificate .*expired on \d{4}-/,
    },
    { days: 0, hints: [], problems: [], status: /hall +up((?!certificate).)*$/m },
  ])('after $days days', async ({ days, hints, problems, status }) => {
    const simulator = await simulated([{ name: 'hall' }]);
    const folder = temporaryFolder();
    const text = fleetText({ devices: simulator.devices });
    const { act } = await runDaemon(text, { folder, clock: systemClock(days * DAY_MS) });
    const view = () => act(getDevice, { name: 'hall' });
    await act(apply, { devices: 'hall' });
    await eventually(async () => expect((await view()).session.state).toBe('up'), 20_000);
    const [planned] = (await act(plan)).devices;
    expect(about(planned?.hints)).toEqual(hints);
    expect(about(planned?.problems.map(({ message }) => message))).toEqual(problems);
    const { fingerprint256 } = simulator.device('hall');
    expect((await view()).certificate).toMatchObject({ fingerprint256, daysLeft: LIFE_DAYS - days });
    await eventually(async () => {
      const { configuration } = await view();
      expect(about(configuration.hints)).toEqual(hints);
      expect(about(configuration.problems.map(({ message }) => message))).toEqual(problems);
    }, 20_000);
    expect((await line(['status'], { cwd: folder })).out).toMatch(status);
  });
});

function about(texts: readonly string[] = []): string[] {
  return texts.filter((one) => one.startsWith(SHOWS));
}
