import { once } from 'node:events';
import { connect } from 'jsxapi';
import { expect, it } from 'vitest';
import { otherWay, quick } from '../../src/simulator/settings.ts';
import { afterTest, PASSWORD, simulate, USER, until } from './support.ts';

for (const [way, settings] of [
  ['one way', quick],
  ['the other way', { ...otherWay, ...quick }],
] as const) {
  it(`lets the stock jsxapi client get, set, run commands and receive feedback, unknowns ${way}`, async () => {
    const { device } = await simulate({ settings });
    const xapi = connect(`wss://127.0.0.1:${device.port}`, { username: USER, password: PASSWORD });
    await once(xapi, 'ready');
    afterTest(() => {
      xapi.on('error', () => undefined);
      xapi.close();
    });

    expect(await xapi.Status.SystemUnit.ProductId.get()).toBe('Cisco Codec Pro');
    await xapi.Config.Audio.DefaultVolume.set(70);
    expect(device.state.configuration('Audio.DefaultVolume')).toBe('70');

    const states: string[] = [];
    const panels: unknown[] = [];
    await xapi.Status.Call.Status.on((status: string) => states.push(status)).registration;
    await xapi.Event.UserInterface.Extensions.Panel.Clicked.on((event: unknown) => panels.push(event))
      .registration;

    const dialled: unknown = await xapi.Command.Dial({ Number: 'standup@example.com' });
    expect(dialled).toMatchObject({ status: 'OK', CallId: expect.any(Number) as number });
    await until(() => states.includes('Connected'));
    expect(states).toEqual(['Dialling', 'Connecting', 'Connected']);

    const panel = '<Extensions><Panel><Name>Help</Name></Panel></Extensions>';
    await xapi.Command.UserInterface.Extensions.Panel.Save({ PanelId: 'help' }, panel);
    device.state.content.clickPanel('help');
    await until(() => panels.length === 1);
    expect(panels[0]).toMatchObject({ PanelId: 'help' });
  });
}
