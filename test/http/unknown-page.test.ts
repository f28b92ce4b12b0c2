import { expect, test } from 'vitest';
import { fleetText, runDaemon, simulated } from '../support/world.ts';

test('a mistyped address is a page for people and a problem for programs', async () => {
  const { devices } = await simulated([{ name: 'hall' }]);
  const { get } = await runDaemon(fleetText({ devices }));
  const asked = async (path: string, accept: string) => {
    const answer = await get(path, { accept });
    return [answer.status, answer.headers.get('content-type')?.split(';')[0]];
  };
  expect(await asked('/nopage', 'text/html,*/*;q=0.8')).toEqual([404, 'text/html']);
  expect(await asked('/nopage', '*/*')).toEqual([404, 'application/problem+json']);
  expect(await asked('/api/v1/nopage', 'text/html')).toEqual([404, 'application/problem+json']);
  expect((await get('/api/v1/macros/runs?device=nosuch')).status).toBe(404);
  expect((await get('/api/v1/macros/runs?device=hall')).status).toBe(200);
});
