import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { describe, expect, it } from 'vitest';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { makeSmallModel } from '../support/small-model.ts';
import { afterTest, simulate, until } from './support.ts';

interface Post {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Receiver {
  readonly url: string;
  readonly posts: Post[];
  status: number;
}

async function receive(tls?: { key: string; cert: string }): Promise<Receiver> {
  const receiver = { url: '', posts: [] as Post[], status: 200 };
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      receiver.posts.push({ headers: request.headers, body });
      response.writeHead(receiver.status).end();
    });
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  receiver.url = `http${tls === undefined ? '' : 's'}://127.0.0.1:${address.port}/hook`;
  return receiver;
}

function register(device: SimulatedDevice, receiver: Receiver, expressions: string[], format = 'XML'): void {
  const outcome = device.state.command('HttpFeedback.Register', {
    FeedbackSlot: '1',
    ServerUrl: receiver.url,
    Format: format,
    Expression: expressions,
  });
  expect(outcome.kind).toBe('ok');
}

describe('posts', () => {
  it('carry one changed leaf each, in order, with who sends it and the captured headers', async () => {
    const { device } = await simulate({ devices: [{ systemName: 'Board & room', serial: 'FOC77' }] });
    const receiver = await receive();
    register(device, receiver, ['/Status/Audio', '/configuration/Audio']);
    device.state.command('Audio.Volume.Set', { Level: '12' });
    device.state.turnKnob('Audio.DefaultVolume', '13');
    await until(() => receiver.posts.length === 2);
    expect(receiver.posts[0]?.headers).toMatchObject({
      'user-agent': 'Cisco/CE',
      accept: 'text/*, application/octet-stream, image/*, audio/*',
      'content-type': 'text/xml; charset=utf-8',
    });
    expect(receiver.posts[0]?.body).toBe(
      [
        '<?xml version="1.0"?>',
        '<Status>',
        '  <Identification>',
        '    <SystemName>Board &amp; room</SystemName>',
        '    <MACAddress>00:50:60:43:37:37</MACAddress>',
        '    <IPAddress>127.0.0.1</IPAddress>',
        '    <IPAddressV6></IPAddressV6>',
        '    <IPAddressV6></IPAddressV6>',
        '    <ProductType>Cisco Codec</ProductType>',
        '    <ProductID>Cisco Codec Pro</ProductID>',
        '    <SWVersion>ce26.4.1.0a1b2c3</SWVersion>',
        '    <SerialNumber>FOC77</SerialNumber>',
        '  </Identification>',
        '  <Audio>',
        '    <Volume>12</Volume>',
        '  </Audio>',
        '</Status>',
        '',
      ].join('\n'),
    );
    expect(receiver.posts[1]?.body).toContain(
      '<DefaultVolume valueSpaceRef="/Valuespace/INT_0_100">13</DefaultVolume>',
    );
    expect(device.counters.feedbackPosts).toBe(2);
  });

  it('carry ghosts and events with an item at every level', async () => {
    const { device } = await simulate();
    const receiver = await receive();
    register(device, receiver, ['/Status/Call/Status', '/event/UserInterface/Extensions/Panel']);
    const { id } = device.state.incomingCall({ number: 'a@example.com' });
    device.state.farEndHangsUp();
    device.state.command(
      'UserInterface.Extensions.Panel.Save',
      { PanelId: 'help' },
      { body: '<Extensions><Panel/></Extensions>' },
    );
    device.state.content.clickPanel('help');
    await until(() => receiver.posts.length === 6);
    const bodies = receiver.posts.map(({ body }) => body).join('');
    expect(bodies).toContain(`<Call item="${id}" maxOccurrence="n">\n    <Status>Ringing</Status>`);
    expect(bodies).toContain(`  <Call ghost="True" item="${id}" maxOccurrence="n"/>\n`);
    expect(bodies).toContain('<Clicked item="1">\n          <Origin item="1">Controller</Origin>');
  });

  it('are JSON on request, every value text', async () => {
    const { device } = await simulate({ devices: [{ model: makeSmallModel('ce9.15.17.4.0') }] });
    const receiver = await receive();
    register(
      device,
      receiver,
      ['/Status/Call', '/Status/RoomAnalytics/PeopleCount', '/Event/Bookings'],
      'JSON',
    );
    device.state.turnKnob('RoomAnalytics.PeopleCountOutOfCall', 'On');
    const { id } = device.state.incomingCall({ number: 'a@example.com' });
    device.state.farEndHangsUp();
    device.state.core.event('Bookings.End', { Id: '7' });
    await until(
      () =>
        receiver.posts.some(({ body }) => body.includes('ghost')) &&
        receiver.posts.at(-1)?.body.includes('ghost') === true,
    );
    const [first, second] = receiver.posts.map(
      ({ body }) => JSON.parse(body) as Record<string, Record<string, unknown>>,
    );
    expect(first?.['Status']?.['RoomAnalytics']).toEqual({ PeopleCount: { Current: { Value: '0' } } });
    expect(first?.['Status']?.['Identification']).toMatchObject({ SWVersion: { Value: 'ce9.15.17.4.0' } });
    expect(second?.['Status']?.['Call']).toEqual([{ Status: { Value: 'Ringing' }, id: String(id) }]);
    expect(receiver.posts.at(-1)?.body).toContain(`"Call":[{"ghost":"True","id":"${id}"}]`);
    expect(receiver.posts.map(({ body }) => body).join('')).toContain(
      '"Bookings":{"End":{"Id":{"Value":"7"},"id":"1"},"id":"1"}',
    );
  });
});

describe('delivery', () => {
  it('is tried again, then the slot is Failed and silent until it is enabled', async () => {
    const { device } = await simulate({ settings: { feedbackRetries: 2, feedbackRetrySpacingMs: 10 } });
    const receiver = await receive();
    register(device, receiver, ['/Status/Audio']);
    receiver.status = 404;
    device.state.command('Audio.Volume.Set', { Level: '12' });
    await until(() => device.state.slots.get(1)?.status === 'Failed');
    expect(receiver.posts).toHaveLength(3);
    expect(device.state.status('HttpFeedback[1].Status')).toBe('Failed');
    receiver.status = 200;
    device.state.command('Audio.Volume.Set', { Level: '13' });
    device.state.command('HttpFeedback.Enable', { FeedbackSlot: '1' });
    device.state.command('Audio.Volume.Set', { Level: '14' });
    await until(() => receiver.posts.length === 4);
    expect(receiver.posts[3]?.body).toContain('<Volume>14</Volume>');
  });

  it('succeeds on a retry without losing or doubling what comes after', async () => {
    const { device } = await simulate({ settings: { feedbackRetries: 5, feedbackRetrySpacingMs: 10 } });
    const receiver = await receive();
    register(device, receiver, ['/Status/Audio/Volume']);
    receiver.status = 500;
    device.state.command('Audio.Volume.Set', { Level: '12' });
    device.state.command('Audio.Volume.Set', { Level: '13' });
    await until(() => receiver.posts.length === 2);
    receiver.status = 200;
    await until(() => receiver.posts.at(-1)?.body.includes('>13<') === true);
    expect(receiver.posts.filter(({ body }) => body.includes('>13<'))).toHaveLength(1);
    expect(device.state.slots.get(1)?.status).toBe('OK');
  });

  it('ends with Deregister', async () => {
    const { device } = await simulate();
    const receiver = await receive();
    register(device, receiver, ['/Status/Audio']);
    device.state.command('HttpFeedback.Deregister', { FeedbackSlot: '1' });
    device.state.command('Audio.Volume.Set', { Level: '12' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(receiver.posts).toHaveLength(0);
    expect(device.state.status('HttpFeedback[1].Status')).toBeNull();
  });

  it('over TLS needs the receiver’s authority on the device unless TlsVerify is Off', async () => {
    const { device } = await simulate({ settings: { feedbackRetries: 0 } });
    const certificate = selfSign(newKeyPair(), { commonName: 'receiver', now: Date.now() });
    const receiver = await receive({ key: certificate.keyPem, cert: certificate.pem });
    register(device, receiver, ['/Status/Audio']);
    device.state.command('Audio.Volume.Set', { Level: '12' });
    await until(() => device.state.slots.get(1)?.status === 'Failed');
    expect(receiver.posts).toHaveLength(0);

    const add = (): unknown =>
      device.state.command('Security.Certificates.CA.Add', {}, { body: certificate.pem });
    expect(add()).toMatchObject({ kind: 'ok' });
    expect(add()).toMatchObject({ kind: 'failed', reason: 'Certificate already exists' });
    register(device, receiver, ['/Status/Audio']);
    device.state.command('Audio.Volume.Set', { Level: '13' });
    await until(() => receiver.posts.length === 1);

    device.state.content.certificateAuthorities.length = 0;
    device.state.turnKnob('HttpFeedback.TlsVerify', 'Off');
    device.state.command('Audio.Volume.Set', { Level: '14' });
    await until(() => receiver.posts.length === 2);
  });

  it('refuses expressions that are none', async () => {
    const { device } = await simulate();
    for (const Expression of ['/Nonsense/Call', '/Status/[', '']) {
      const outcome = device.state.command('HttpFeedback.Register', {
        FeedbackSlot: '1',
        ServerUrl: 'http://127.0.0.1:1/',
        Expression,
      });
      expect(outcome).toEqual({ kind: 'bad-argument', argument: 'Expression' });
    }
  });

  it('tells of BootEvent before the device goes, and goes on after it where slots survive', async () => {
    const { device } = await simulate({ settings: { rebootMs: 30, slotsSurviveReboot: true } });
    const receiver = await receive();
    register(device, receiver, ['/Event/BootEvent', '/Status/Audio/Volume']);
    device.reboot();
    await until(() => receiver.posts.length === 1);
    expect(receiver.posts[0]?.body).toContain('<BootEvent item="1">\n    <Action item="1">Restart</Action>');
    await until(() => !device.state.isOn);
    await until(() => device.state.isOn);
    device.state.command('Audio.Volume.Set', { Level: '15' });
    await until(() => receiver.posts.length === 2);
  });
});
