import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/lib/xml/reader.ts';
import type { Setting } from '../../src/xapi/device.ts';
import { isEmptyResult, readAnswer } from '../../src/xapi/envelope.ts';
import { XapiError } from '../../src/xapi/errors.ts';
import { readCommandAnswer, readConfigurationVerdict, settleVerdict } from '../../src/xapi/putxml-answer.ts';
import { rpcError } from '../../src/xapi/rpc-error.ts';

const rootOf = (text: string) => readXml(text).root;

function answer(status: number, body = '', headers: Record<string, string> = {}) {
  return { status, headers, body: Buffer.from(body) };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof XapiError) return error.code;
    throw error;
  }
  return 'none';
}

describe('an HTTP answer', () => {
  it.each([
    [401, '', {}, 'login-refused'],
    [403, '', {}, 'login-refused'],
    [302, '', { location: '/web/signin?next=/' }, 'login-refused'],
    [303, '', { location: 'https://10.0.0.1/web/signin' }, 'login-refused'],
    [307, '', { location: '/elsewhere' }, 'rejected'],
    [200, '<!DOCTYPE html><html><title>Sign In</title></html>', {}, 'login-refused'],
    [200, '<html><body>It works</body></html>', {}, 'malformed'],
    [503, 'Service Temporarily Unavailable', {}, 'busy'],
    [502, '', {}, 'not-ready'],
    [404, '', {}, 'unknown-path'],
    [400, 'XML syntax error:\nOpening and ending tag mismatch', {}, 'rejected'],
    [500, '', {}, 'rejected'],
    [200, '', {}, 'malformed'],
    [200, '<Status><Audio>', {}, 'malformed'],
    [200, '\u0000\u0001garbage', {}, 'malformed'],
    [200, '<ActionError><Reason>No action detected in document</Reason></ActionError>', {}, 'unknown-path'],
    [200, '<Fault><XPathError type="parsing"><ErrorCode>10</ErrorCode></XPathError></Fault>', {}, 'rejected'],
    [200, '  <?xml version="1.0"?><Status/>', {}, 'none'],
  ] as const)('%i %j %j is %s', (status, body, headers, code) => {
    expect(codeOf(() => readAnswer(answer(status, body, headers), 'GET /x'))).toBe(code);
  });

  it('may be an EmptyResult, and says how many control characters it had', () => {
    expect(isEmptyResult(readAnswer(answer(200, '<EmptyResult product="x"/>'), 'x').root)).toBe(true);
    expect(readAnswer(answer(200, '<Status><A>\u0001\u0002x</A></Status>'), 'x').strippedControls).toBe(2);
  });
});

describe('the answer to a document of settings', () => {
  const settings: Setting[] = [
    { path: 'Standby.Delay', value: '30' },
    { path: 'Video.Output.Connector[1].Resolution', value: 'Auto' },
    { path: 'Video.Output.Connector[2].Resolution', value: 'Auto' },
    { path: 'Video.Output.Connector[12].Resolution', value: 'Auto' },
  ];
  const outcomes = (xml: string, held: readonly (boolean | null)[] = []) =>
    settleVerdict(
      readConfigurationVerdict(rootOf(xml), settings),
      settings,
      (setting) => held[settings.indexOf(setting)] ?? null,
    ).map(({ outcome }) => outcome);
  const [yes, no] = ['accepted', 'refused'];

  it('is Success for all', () => {
    expect(outcomes('<Configuration>\n  <Success/>\n</Configuration>')).toEqual([yes, yes, yes, yes]);
  });

  it.each([
    [
      '<Error><Reason>Illegal</Reason><XPath>Configuration/Video/Output/Connector[2]/Resolution</XPath></Error>',
    ],
    ['<Error path="/Configuration/Video/Output/Connector[@item=\'2\']/Resolution">Illegal</Error>'],
    ['<Error>xConfiguration Video Output Connector 2 Resolution: Illegal</Error>'],
    [
      '<Error><Video><Output><Connector item="2"><Resolution error="True">Illegal</Resolution></Connector></Output></Video></Error>',
    ],
  ])('ties an error to its setting: %s', (error) => {
    expect(outcomes(`<Configuration><Success/>${error}</Configuration>`)).toEqual([yes, yes, no, yes]);
  });

  it('carries the reason of the device', () => {
    const xml =
      '<Configuration><Success/><Error><Reason>Too long</Reason><XPath>Standby/Delay</XPath></Error></Configuration>';
    expect(readConfigurationVerdict(rootOf(xml), settings).answers[0]).toEqual({
      path: 'Standby.Delay',
      outcome: 'refused',
      reason: 'Too long',
    });
  });

  it('is a refusal of all where every child is an error', () => {
    expect(outcomes('<Configuration><Error>No</Error></Configuration>')).toEqual([no, no, no, no]);
    expect(outcomes(`<Configuration>${'<Error>No</Error>'.repeat(4)}</Configuration>`)).toEqual([
      no,
      no,
      no,
      no,
    ]);
  });

  it('goes by order where there is one Success or Error for each', () => {
    const xml = '<Configuration><Success/><Error>No</Error><Success/><Success/></Configuration>';
    expect(outcomes(xml)).toEqual([yes, no, yes, yes]);
  });

  it('is settled by what the device holds where an error names no setting', () => {
    const xml = '<Configuration><Success/><Error>No</Error></Configuration>';
    expect(outcomes(xml, [true, true, true, false])).toEqual([yes, yes, yes, no]);
  });

  it('calls nothing accepted while an error is tied to no setting', () => {
    const xml = '<Configuration><Success/><Error>No</Error></Configuration>';
    expect(outcomes(xml, [true, true, true, true])).toEqual([no, no, no, no]);
    expect(outcomes(xml, [true, null, true, false])).toEqual([no, no, no, no]);
    const told = settleVerdict(readConfigurationVerdict(rootOf(xml), settings), settings, () => null);
    expect(told[0]).toMatchObject({
      reason: expect.stringContaining('refused 1 of 4 settings and did not say which'),
    });
  });

  it('is not Success where the device says nothing', () => {
    expect(outcomes('<Configuration/>')).toEqual([no, no, no, no]);
  });
});

describe('the answer to a command', () => {
  it('gives the leaves of the result', () => {
    const xml = '<Command><DialResult status="OK"><CallId>2</CallId></DialResult></Command>';
    expect([...readCommandAnswer(rootOf(xml), 'Dial')]).toEqual([['CallId', '2']]);
    expect(readCommandAnswer(rootOf('<Command><DialResult/></Command>'), 'Dial').size).toBe(0);
  });

  it.each([
    [
      '<Command><CAAddResult status="Error"><Reason>Certificate already exists</Reason></CAAddResult></Command>',
      'command-failed',
    ],
    ['<Command><DialResult status="ParameterError"><Reason>x</Reason></DialResult></Command>', 'bad-value'],
    ['<Command/>', 'bad-value'],
    ['<Status/>', 'malformed'],
  ])('%s is %s', (xml, code) => {
    expect(codeOf(() => readCommandAnswer(rootOf(xml), 'Dial'))).toBe(code);
  });

  it('carries the reason of the device', () => {
    const xml = '<Command><X status="Error"><Reason>Certificate already exists</Reason></X></Command>';
    expect(() => readCommandAnswer(rootOf(xml), 'A.B')).toThrow('A.B: Certificate already exists');
  });
});

describe('a JSON-RPC error', () => {
  it.each([
    [{ code: -32601, message: 'Method not found.' }, 'unknown-path'],
    [{ code: -32602, message: 'No match on Path argument' }, 'unknown-path'],
    [{ code: -32602, message: 'Bad usage: Bad argument to parameter "Level".' }, 'bad-value'],
    [{ code: 1, message: 'Failed to parse xml' }, 'command-failed'],
    [{ code: 1, message: 'x', data: { Cause: 27 } }, 'bad-value'],
    [{ code: -31999, message: 'Permission Denied' }, 'permission'],
    [{ code: -31998, message: 'Subscriber Count Exceeded' }, 'rejected'],
    [{ code: -31997, message: 'Not Ready' }, 'not-ready'],
    [{ code: -32603, message: 'Internal error' }, 'rejected'],
    [null, 'rejected'],
    ['text', 'rejected'],
  ])('%j is %s', (error, code) => {
    expect(rpcError(error, 'x').code).toBe(code);
  });
});
