import { describe, expect, it } from 'vitest';
import { listRuns } from '../../src/actions/macros.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

describe('POST /api/v1/macros/NAME/trigger', { timeout: 60_000 }, () => {
  it('sets the macro off for who has its own token, on all its devices or on one, and for nobody else', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
    const own = await createFileToken('alarm', 'viewer');
    const admin = await createFileToken('admin', 'admin');
    const { post, act } = await runDaemon(
      fleetText({
        devices: simulator.devices,
        mode: 'enforce',
        daemon: `  tokens: [{ name: admin, role: admin, hash: "${admin.entry.hash}" }]`,
        more: `macros:
  - name: alarm
    when: { http: { tokenHash: "${own.entry.hash}" } }
    devices: all
    steps: [{ message: { text: "Alarm: {{trigger.value}}", until: cleared } }]
`,
      }),
    );
    const trigger = (token: string, body: object = {}, name = 'alarm') =>
      post(`/api/v1/macros/${name}/trigger`, body, { authorization: `Bearer ${token}` });
    for (const refused of [
      await post('/api/v1/macros/alarm/trigger', {}),
      await trigger(admin.token),
      await trigger(own.token, {}, 'other'),
      await post('/api/v1/macros/runs/x/cancel', {}, { authorization: `Bearer ${own.token}` }),
    ])
      expect(refused.status).toBe(401);
    expect((await trigger(own.token, { colour: 'red' })).status).toBe(400);
    expect((await trigger(own.token, { device: 'nowhere' })).status).toBe(409);

    await eventually(async () => {
      const answer = await trigger(own.token, { value: 'fire' });
      expect([answer.status, ((await answer.json()) as { runs: string[] }).runs.length]).toEqual([202, 2]);
      for (const name of ['hall', 'attic'])
        expect(
          simulator
            .device(name)
            .state.screen.now()
            .map(({ text }) => text),
        ).toEqual(['Alarm: fire']);
    }, 20_000);
    const runs = (await act(listRuns)).items;
    expect(runs[0]).toMatchObject({ macro: 'alarm', trigger: 'http' });
    const one = await trigger(own.token, { device: 'attic', value: 'over' });
    expect(((await one.json()) as { runs: string[] }).runs).toHaveLength(1);
  });
});
