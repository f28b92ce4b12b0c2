import { describe, expect, it } from 'vitest';
import { connectRpc, get, simulate, until } from './support.ts';

describe('the upgrade', () => {
  it('takes both ways to log in and echoes the subprotocol only where it was offered', async () => {
    const { device } = await simulate();
    expect((await connectRpc(device)).socket.protocol).toMatch(/^auth-/);
    expect((await connectRpc(device, { basic: true })).socket.protocol).toBe('');
    expect(device.sockets).toBe(2);
  });

  it('is refused to a wrong password with the status the settings say', async () => {
    for (const socketRefusal of [401, 403] as const) {
      const { device } = await simulate({ settings: { socketRefusal } });
      for (const basic of [true, false])
        await expect(connectRpc(device, { password: 'wrong', basic })).rejects.toThrow(String(socketRefusal));
      expect(device.failedLogins).toBe(2);
    }
  });

  it('is refused while the websocket is off, elsewhere than at /ws, and beyond the sockets a device has', async () => {
    const { device } = await simulate({ settings: { maxSockets: 1 } });
    await expect(connectRpc(device, { path: '/web' })).rejects.toThrow('404');
    device.state.turnKnob('NetworkServices.Websocket', 'Off');
    await expect(connectRpc(device)).rejects.toThrow('404');
    device.state.turnKnob('NetworkServices.Websocket', 'FollowHTTPService');
    await connectRpc(device);
    await expect(connectRpc(device)).rejects.toThrow('503');
  });

  it('leads to a socket that answers pings or not', async () => {
    for (const answersPings of [true, false]) {
      const { device } = await simulate({ settings: { answersPings } });
      const client = await connectRpc(device);
      let pongs = 0;
      client.socket.on('pong', () => (pongs += 1));
      client.socket.ping();
      await client.result('xGet', { Path: ['Status', 'SystemUnit', 'Uptime'] });
      await client.result('xGet', { Path: ['Status', 'SystemUnit', 'Uptime'] });
      expect(pongs).toBe(answersPings ? 1 : 0);
    }
  });
});

describe('xGet', () => {
  it('answers leaves natively, subtrees relative to the path, list members with their id', async () => {
    const { device } = await simulate();
    const { id } = device.state.incomingCall({ number: 'a@example.com' });
    const client = await connectRpc(device);
    expect(await client.result('xGet', { Path: ['Configuration', 'Audio', 'DefaultVolume'] })).toBe(50);
    expect(await client.result('xGet', { Path: ['Status', 'Standby'] })).toEqual({ State: 'Off' });
    expect(await client.result('xGet', { Path: ['Status', 'Call', id, 'Status'] })).toBe('Ringing');
    expect(await client.result('xGet', { Path: ['status', 'call'] })).toMatchObject([
      { Status: 'Ringing', id },
    ]);
    expect(await client.result('xGet', { Path: ['Configuration', 'SIP', 'Authentication'] })).toEqual({
      Password: '***',
    });
    expect(await client.result('xGet', { Path: ['Status', 'RoomAnalytics', 'AmbientTemperature'] })).toBe(
      '21.5',
    );
  });

  it('refuses unknown paths, and absent ones as the settings say', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    const noMatch = { code: -32602, message: 'No match on Path argument' };
    expect(await client.error('xGet', { Path: ['Status', 'Nonsense'] })).toEqual(noMatch);
    expect(await client.error('xGet', { Path: ['Status', 'Call'] })).toEqual(noMatch);
    const { device: other } = await simulate({ settings: { absentNode: 'null' } });
    const otherClient = await connectRpc(other);
    expect(await otherClient.result('xGet', { Path: ['Status', 'Call'] })).toBeNull();
    expect(await otherClient.error('xGet', { Path: ['Status', 'Nonsense'] })).toEqual(noMatch);
  });
});

function set(Path: unknown[], Value: unknown): object {
  return { Path, Value };
}

describe('xQuery, xSet, xDoc', () => {
  it('answers queries from the root', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    expect(await client.result('xQuery', { Query: ['Configuration', '**', 'DefaultVolume'] })).toEqual({
      Configuration: { Audio: { DefaultVolume: 50 } },
    });
    expect(
      await client.result('xQuery', { Query: ['Configuration', 'Audio', 'Input', 'Microphone', 'Level'] }),
    ).toEqual({
      Configuration: { Audio: { Input: { Microphone: [1, 2, 3].map((id) => ({ Level: 14, id })) } } },
    });
    expect(await client.error('xQuery', { Query: ['**'] })).toMatchObject({ code: -32602 });
  });

  it('sets, and refuses paths and values', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    expect(
      await client.result('xSet', set(['Configuration', 'Audio', 'Input', 'Microphone', 2, 'Level'], 3)),
    ).toBe(true);
    expect(device.state.configuration('Audio.Input.Microphone[2].Level')).toBe('3');
    expect(await client.error('xSet', set(['Configuration', 'Nonsense'], 1))).toEqual({
      code: -32602,
      message: 'No match on Path argument',
    });
    expect(await client.error('xSet', set(['Configuration', 'Audio', 'DefaultVolume'], 101))).toMatchObject({
      code: -32602,
    });
  });

  it('describes settings and commands', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    expect(
      await client.result('xDoc', { Path: ['Configuration', 'Standby', 'Control'], Type: 'Schema' }),
    ).toMatchObject({
      ValueSpace: { type: 'Literal', values: ['Off', 'On'] },
    });
    expect(await client.result('xDoc', { Path: ['Command', 'Dial'] })).toMatchObject({ command: 'True' });
  });
});

describe('xCommand', () => {
  it('answers results with their status last', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    expect(await client.result('xCommand/Audio/Microphones/Mute')).toEqual({ status: 'OK' });
    expect(device.state.status('Audio.Microphones.Mute')).toBe('On');
    const dialled = await client.result('xCommand/Dial', { Number: 'a@example.com' });
    expect(Object.keys(dialled as object)).toEqual(['CallId', 'ConferenceId', 'status']);
  });

  it('uses the words of real devices for what it refuses', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    expect(await client.error('xCommand/No/Such')).toEqual({ code: -32601, message: 'Method not found.' });
    expect(await client.error('xNothing')).toEqual({ code: -32601, message: 'Method not found.' });
    expect(await client.error('xCommand/Audio/Volume/Set', { Level: 101 })).toEqual({
      code: -32602,
      message: 'Bad usage: Bad argument to parameter "Level".',
    });
    expect(await client.error('xCommand/Audio/Volume/Set')).toEqual({
      code: -32602,
      message: 'Bad usage: Missing or invalid parameter(s).',
    });
    expect(
      await client.error('xCommand/UserInterface/Extensions/Panel/Save', { PanelId: 'x', body: '<a' }),
    ).toEqual({
      code: 1,
      message: 'Failed to parse xml',
    });
  });

  it('takes lists and the multiline text, and makes every value text for a legacy client', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device, { path: '/ws?legacy' });
    await client.result('xCommand/HttpFeedback/Register', {
      FeedbackSlot: 1,
      ServerUrl: 'http://127.0.0.1:1/',
      Expression: ['/Status/Call', '/Event/CallDisconnect'],
    });
    expect(device.state.slots.get(1)?.expressions).toHaveLength(2);
    await client.result('xCommand/SystemUnit/SignInBanner/Set', { body: 'one\ntwo' });
    expect(device.state.content.signInBanner).toBe('one\ntwo');
    expect(await client.result('xGet', { Path: ['Status', 'Audio', 'Volume'] })).toBe('50');
  });

  it('survives frames that are no requests', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    for (const frame of [
      '{',
      'null',
      '[]',
      '7',
      '{"id":1}',
      '{"method":"xGet"}',
      '{"jsonrpc":"2.0","id":1,"method":"xGet","params":{"Path":"x"}}',
    ])
      client.socket.send(frame);
    expect(await client.result('xGet', { Path: ['Status', 'Audio', 'Volume'] })).toBe(50);
    const codes = client.frames.map(
      (frame) => (JSON.parse(frame) as { error?: { code: number } }).error?.code,
    );
    expect(codes).toEqual([-32700, -32600, -32600, -32600, -32600, -32602, undefined]);
  });
});

describe('feedback', () => {
  it('begins with the present value where asked, then tells changed leaves one by one', async () => {
    const { device } = await simulate();
    const client = await connectRpc(device);
    const query = { Query: ['Status', 'RoomAnalytics'], NotifyCurrentValue: true };
    expect(await client.result('xFeedback/Subscribe', query)).toEqual({ Id: 1 });
    await until(() => client.events.length === 1);
    expect(client.events[0]).toMatchObject({
      Id: 1,
      Status: { RoomAnalytics: { PeoplePresence: 'No', PeopleCount: { Current: -1 } } },
    });
    device.state.turnKnob('RoomAnalytics.PeopleCountOutOfCall', 'On');
    device.state.people(2);
    await until(() => client.events.some((event) => JSON.stringify(event).includes('RoomInUse":"True')));
    expect(client.events.slice(1)).toEqual([
      { Id: 1, Status: { RoomAnalytics: { PeopleCount: { Current: 0 } } } },
      { Id: 1, Status: { RoomAnalytics: { PeopleCount: { Current: 2 } } } },
      { Id: 1, Status: { RoomAnalytics: { PeoplePresence: 'Yes' } } },
      { Id: 1, Status: { RoomAnalytics: { RoomInUse: 'True' } } },
    ]);
  });

  it('tells of events, settings whoever changed them, and ghosts in either form', async () => {
    for (const [ghostForm, ghost] of [
      ['text', 'True'],
      ['boolean', true],
    ] as const) {
      const { device } = await simulate({ settings: { ghostForm } });
      const client = await connectRpc(device);
      for (const Query of [
        ['Status', 'Call'],
        ['Event', 'CallDisconnect'],
        ['Configuration', 'Audio'],
      ])
        await client.result('xFeedback/Subscribe', { Query });
      device.state.turnKnob('Audio.DefaultVolume', '9');
      expect((await get(device, '/status.xml')).status).toBe(200);
      const { id } = device.state.incomingCall({ number: 'a@example.com' });
      device.state.farEndHangsUp();
      await until(() => client.events.some((event) => 'Event' in event));
      expect(client.events[0]).toEqual({ Id: 3, Configuration: { Audio: { DefaultVolume: 9 } } });
      expect(client.events[1]).toEqual({ Id: 1, Status: { Call: [{ Status: 'Ringing', id }] } });
      expect(client.events.at(-2)).toEqual({ Id: 1, Status: { Call: [{ ghost, id }] } });
      expect(client.events.at(-1)).toMatchObject({ Id: 2, Event: { CallDisconnect: { CallId: id } } });
    }
  });

  it('carries ids in events on some devices, and a bare integer where the event has one', async () => {
    const { device } = await simulate({ settings: { eventIdsOnSocket: true } });
    const client = await connectRpc(device);
    await client.result('xFeedback/Subscribe', { Query: ['Event'] });
    device.state.core.event('Bookings.Updated');
    device.state.core.event('Standby.SecondsToStandby', 30);
    await until(() => client.events.length === 2);
    expect(client.events).toEqual([
      { Id: 1, Event: { Bookings: { Updated: { id: 1 }, id: 1 } } },
      { Id: 1, Event: { Standby: { SecondsToStandby: 30, id: 1 } } },
    ]);
  });

  it('ends by Unsubscribe, is limited in number, and refuses unknown ids', async () => {
    const { device } = await simulate({ settings: { maxSubscriptions: 1 } });
    const client = await connectRpc(device);
    const subscribe = { Query: ['Status', 'Audio'] };
    await client.result('xFeedback/Subscribe', subscribe);
    expect(await client.error('xFeedback/Subscribe', subscribe)).toMatchObject({ code: -31998 });
    expect(await client.result('xFeedback/Unsubscribe', { Id: 1 })).toBe(true);
    expect(await client.error('xFeedback/Unsubscribe', { Id: 4 })).toEqual({
      code: -32602,
      message: 'Unknown subscription Id',
      data: { Id: 4 },
    });
    device.state.command('Audio.Volume.Set', { Level: '3' });
    await client.result('xGet', { Path: ['Status', 'Audio', 'Volume'] });
    expect(client.events).toEqual([]);
  });
});
