import { describe, expect, it } from 'vitest';
import { otherWay, quick } from '../../src/simulator/settings.ts';
import { ask, get, put, simulate } from './support.ts';

const ROOT = 'product="Cisco Codec" version="ce26.4.1.0a1b2c3" apiVersion="4"';

describe('documents', () => {
  it('are served under their singular names with the captured headers', async () => {
    const { device } = await simulate();
    const answer = await get(device, '/configuration.xml');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      server: 'nginx',
      'content-type': 'text/xml; charset=UTF-8',
      'strict-transport-security': 'max-age=0',
      'cache-control': 'no-store, max-age=0',
    });
    expect(answer.text).toContain(`<?xml version="1.0"?>\n<Configuration ${ROOT}>\n  <Audio>\n`);
    expect(answer.text).toContain('<DefaultVolume valueSpaceRef="/Valuespace/INT_0_100">50</DefaultVolume>');
    expect(answer.text).toContain('<Microphone item="3" maxOccurrence="3">');
    expect(answer.text).toContain('<Password valueSpaceRef="/Valuespace/STR_0_128_NoFilt">***</Password>');
    expect((await get(device, '/configurations.xml')).status).toBe(404);
  });

  it('refer to value spaces that /valuespace.xml has', async () => {
    const { device } = await simulate();
    const configuration = (await get(device, '/configuration.xml')).text;
    const spaces = (await get(device, '/valuespace.xml')).text;
    const refs = new Set(
      [...configuration.matchAll(/valueSpaceRef="\/Valuespace\/([^"]+)"/g)].map(([, ref]) => ref),
    );
    expect(refs.size).toBeGreaterThan(5);
    for (const ref of refs) expect(spaces).toContain(`<${ref} type=`);
    expect(spaces).toContain(
      '  <TTPAR_OnOff type="Literal">\n    <Value item="1">Off</Value>\n    <Value item="2">On</Value>\n  </TTPAR_OnOff>\n',
    );
  });

  it('show status with its list members and commands with their parameters', async () => {
    const { device } = await simulate();
    const { id } = device.state.incomingCall({ number: 'a&b@example.com' });
    const status = (await get(device, '/status.xml')).text;
    expect(status).toContain(`<Call item="${id}" maxOccurrence="n">`);
    expect(status).toContain('<RemoteNumber>a&amp;b@example.com</RemoteNumber>');
    const commands = (await get(device, '/command.xml')).text;
    expect(commands).toContain('<Set command="True" role="Admin">\n        <Level item="1" required="True">');
    expect(commands).toContain('<Save command="True" role="Admin" multiline="True">');
  });

  it('follow the settings that were written and forget nothing between two reads', async () => {
    const { device } = await simulate();
    device.state.turnKnob('SIP.DisplayName', 'Møte <1>');
    const first = (await get(device, '/configuration.xml')).text;
    expect(first).toContain('>Møte &lt;1&gt;</DisplayName>');
    device.state.turnKnob('SIP.DisplayName', '');
    expect((await get(device, '/configuration.xml')).text).not.toContain('Møte');
  });

  it('hold control characters where the device is told to send them', async () => {
    const { device } = await simulate({ settings: { malformedXmlControls: true } });
    expect((await get(device, '/status.xml')).text).toContain('\u0003');
  });
});

describe('getxml', () => {
  it('answers below a path with or without leading slash, in any case, with ids in either form', async () => {
    const { device } = await simulate();
    const volume = `<?xml version="1.0"?>\n<Status ${ROOT}>\n  <Audio>\n    <Volume>50</Volume>\n  </Audio>\n</Status>\n`;
    for (const location of ['/Status/Audio/Volume', 'Status/Audio/Volume', '/status/audio/volume'])
      expect((await get(device, `/getxml?location=${location}`)).text).toBe(volume);
    const indexed = await get(device, '/getxml?location=/Configuration/Audio/Input/Microphone[2]/Level');
    expect(indexed.text).toContain('<Microphone item="2" maxOccurrence="1">');
    const named = await get(
      device,
      `/getxml?location=${encodeURIComponent("/Configuration/Audio/Input/Microphone[@item='2']/Level")}`,
    );
    expect(named.text).toBe(indexed.text);
  });

  it('answers 200 with EmptyResult for a wrong path and Fault for none', async () => {
    const { device } = await simulate();
    const empty = await get(device, '/getxml?location=/Status/Nonsense');
    expect([empty.status, empty.text]).toEqual([200, `<?xml version="1.0"?>\n<EmptyResult ${ROOT}/>\n`]);
    for (const path of ['/getxml', '/getxml?location=', '/getxml?location=/Status/[']) {
      const fault = await get(device, path);
      expect(fault.status).toBe(200);
      expect(fault.text).toContain(
        '<XPathError type="parsing">\n    <ErrorCode type="string">10</ErrorCode>',
      );
    }
  });
});

describe('putxml of settings', () => {
  it('answers Success as captured and holds the values', async () => {
    const { device } = await simulate();
    const text = await put(
      device,
      document(
        '<Audio><DefaultVolume>70</DefaultVolume><Input><Microphone item="2"><Level>3</Level></Microphone></Input></Audio>',
      ),
    );
    expect(text).toBe('<?xml version="1.0"?>\n<Configuration>\n  <Success/>\n</Configuration>\n\n');
    expect(device.state.configuration('Audio.DefaultVolume')).toBe('70');
    expect(device.state.configuration('Audio.Input.Microphone[2].Level')).toBe('3');
    expect(device.state.configuration('Audio.Input.Microphone[1].Level')).toBe('14');
  });

  it('succeeds in part: what is refused is named, the rest is held', async () => {
    const { device } = await simulate();
    const text = await put(
      device,
      document(
        '<Audio><DefaultVolume>500</DefaultVolume></Audio><Nonsense>1</Nonsense><Standby><Delay>7</Delay></Standby>',
      ),
    );
    expect(text).toContain('<Success/>');
    expect(text.match(/<Error>/g)).toHaveLength(2);
    expect(text).toContain('<XPath>Configuration/Audio/DefaultVolume</XPath>');
    expect(device.state.configuration('Standby.Delay')).toBe('7');
    expect(device.state.configuration('Audio.DefaultVolume')).toBe('50');
  });

  it('names nothing where errors are bare, one element for each setting in order', async () => {
    const { device } = await simulate({ settings: { ...otherWay, ...quick } });
    const text = await put(
      device,
      document('<Audio><DefaultVolume>500</DefaultVolume></Audio><Standby><Delay>7</Delay></Standby>'),
    );
    expect(text).toMatch(/<Error>[^<]+<\/Error>\s+<Success\/>/);
  });

  it('treats a missing item as the settings say and drops one that is not needed', async () => {
    const body = document('<Audio><Input><Microphone><Level>9</Level></Microphone></Input></Audio>');
    const { device: strict } = await simulate();
    expect(await put(strict, body)).toContain('<Error>');
    const { device: lax } = await simulate({ settings: { missingItem: 'first' } });
    expect(await put(lax, body)).toContain('<Success/>');
    expect(lax.state.configuration('Audio.Input.Microphone[1].Level')).toBe('9');
    await put(strict, document('<Audio item="1"><DefaultVolume item="1">9</DefaultVolume></Audio>'));
    expect(strict.state.configuration('Audio.DefaultVolume')).toBe('9');
  });

  it('takes a hidden setting and masks it', async () => {
    const { device } = await simulate();
    await put(device, document('<SIP><Authentication><Password>hunter2</Password></Authentication></SIP>'));
    expect(device.state.configuration('SIP.Authentication.Password')).toBe('hunter2');
    expect((await get(device, '/getxml?location=/Configuration/SIP')).text).not.toContain('hunter2');
  });
});

describe('putxml of commands', () => {
  it('runs several in order and names results by the last two words of the path', async () => {
    const { device } = await simulate();
    const text = await put(
      device,
      '<Command><Audio><Volume><Set command="True"><Level>33</Level></Set></Volume></Audio><Dial><Number>a@example.com</Number></Dial></Command>',
    );
    expect(device.state.status('Audio.Volume')).toBe(33);
    expect(text).toMatch(
      /<VolumeSetResult status="OK"\/>\s+<DialResult status="OK">\s+<CallId>\d+<\/CallId>/,
    );
  });

  it('takes the multiline text from body and lists from repeated elements', async () => {
    const { device } = await simulate();
    const banner =
      '<Command><SystemUnit><SignInBanner><Set><body>one\ntwo &lt;3</body></Set></SignInBanner></SystemUnit></Command>';
    expect(await put(device, banner)).toContain('<SignInBannerSetResult status="OK"/>');
    expect(device.state.content.signInBanner).toBe('one\ntwo <3');
    await put(
      device,
      '<Command><HttpFeedback><Register command="True"><FeedbackSlot>2</FeedbackSlot><ServerUrl>http://127.0.0.1:1/</ServerUrl><Expression item="1">/Status/Call</Expression><Expression item="2">/Event/CallDisconnect</Expression></Register></HttpFeedback></Command>',
    );
    expect(device.state.slots.get(2)?.expressions).toEqual(['/Status/Call', '/Event/CallDisconnect']);
    expect((await get(device, '/getxml?location=/Status/HttpFeedback')).text).toContain(
      '<Expression item="2" maxOccurrence="n">/Event/CallDisconnect</Expression>',
    );
  });

  it('answers list members with item and maxOccurrence', async () => {
    const { device } = await simulate();
    await put(device, '<Command><SystemUnit/></Command>');
    device.state.sessions.open('admin');
    const text = await put(device, '<Command><Security><Session><List/></Session></Security></Command>');
    expect(text).toContain('<SessionListResult status="OK">\n    <Session item="1" maxOccurrence="n">');
  });

  it('answers errors with 200: Error, ParameterError, ActionError', async () => {
    const { device } = await simulate();
    expect(await put(device, '<Command><Call><Disconnect/></Call></Command>')).toContain(
      '<CallDisconnectResult status="Error">\n    <Reason>Call not found</Reason>',
    );
    expect(await put(device, '<Command><Audio><Volume><Set/></Volume></Audio></Command>')).toContain(
      '<VolumeSetResult status="ParameterError">',
    );
    const unknown =
      '<?xml version="1.0"?>\n<ActionError>\n  <Reason>No action detected in document</Reason>\n</ActionError>\n';
    expect(await put(device, '<Command><No><Such/></No></Command>')).toBe(unknown);
    expect(await put(device, '<Nonsense/>')).toBe(unknown);
    expect(await put(device, '<Configuration/>')).toBe(unknown);
  });

  it('answers an unknown argument with an empty Command on some devices', async () => {
    const { device } = await simulate({ settings: { unknownArgument: 'empty-command' } });
    const text = await put(
      device,
      '<Command><Audio><Volume><Set><Level>1</Level><Odd>1</Odd></Set></Volume></Audio></Command>',
    );
    expect(text).toBe('<?xml version="1.0"?>\n<Command/>\n');
  });

  it('answers malformed XML with 400 and a text that names the line', async () => {
    const { device } = await simulate();
    for (const body of [
      '<Command><Dial></Command>',
      ' <?xml version="1.0"?><Command/>',
      '',
      '<!DOCTYPE x><Command/>',
    ]) {
      const answer = await ask(device, 'POST', '/putxml', { body });
      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toBe('text/plain');
      expect(answer.text).toMatch(/^XML syntax error:\n.+ \(<string>, line \d+\)$/);
    }
  });
});

function document(inner: string): string {
  return `<Configuration>${inner}</Configuration>`;
}
