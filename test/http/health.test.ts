import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reload } from '../../src/actions/system.ts';
import { createToken } from '../../src/actions/tokens.ts';
import { fleetText, runDaemon, simulated } from '../support/world.ts';

interface Health {
  readonly parts: readonly { readonly part: string; readonly ok: boolean; readonly reason: string | null }[];
}

test('/healthz tells the first error of a broken file, and of files and rooms only where no token is needed', async () => {
  const { devices } = await simulated([{ name: 'ceo-office' }]);
  const { daemon, file, get, act } = await runDaemon(fleetText({ devices }));
  // What stands in the file in the clear is a warning, and stands before the error.
  writeFileSync(file, fleetText({ devices: [...devices, ...devices], password: 'in the clear' }));
  await act(reload);
  const fleetFile = async (headers?: Record<string, string>) =>
    ((await (await get('/healthz', headers)).json()) as Health).parts.find(
      ({ part }) => part === 'fleet file',
    );
  expect(await fleetFile()).toEqual({
    part: 'fleet file',
    ok: false,
    reason: expect.stringMatching(/fleet\.yaml:\d+:\d+ devices\[1\]\.name: the name "ceo-office" is taken/),
  });
  const hidden = { part: 'fleet file', ok: false, reason: 'not well' };
  expect(await fleetFile({ 'x-forwarded-for': '203.0.113.7' })).toEqual(hidden);
  await act(createToken, { name: 'grafana', role: 'viewer' });
  expect(await fleetFile()).toEqual(hidden);
  expect((await daemon.ports.system()).health.find(({ part }) => part === 'fleet file')?.reason).toContain(
    'taken',
  );
});
