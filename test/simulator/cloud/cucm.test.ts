import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { createHttpClient } from '../../../src/lib/http-client.ts';
import type { CucmStandIn } from '../../../src/simulator/cloud/cucm.ts';
import { readXml, type XmlElement } from '../../../src/simulator/xml-reader.ts';
import { CUCM_LOGIN, cucmWorld, DOCUMENTED_PHONE } from '../../support/cucm.ts';
import { cucmDocument, HAS_CUCM_DOCUMENTS } from '../../support/cucm-documents.ts';

const world = cucmWorld();

/** Names without prefixes, nested as they stand, with their texts where they have no children. */
type Shape = readonly [name: string, inside: string | readonly Shape[]];

function shapeOf({ name, children, text }: XmlElement): Shape {
  return [name.split(':').at(-1) ?? name, children.length === 0 ? text : children.map(shapeOf)];
}

async function post(standIn: CucmStandIn, how: { path: string; action: string; body: string }) {
  const http = createHttpClient({
    origin: standIn.url,
    tls: { mode: 'pin', fingerprint256: standIn.fingerprint256 },
    clock: systemClock(),
  });
  try {
    const { username, password } = CUCM_LOGIN;
    const { status, body } = await http.request({
      method: 'POST',
      path: how.path,
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        soapaction: `"${how.action}"`,
      },
      body: `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${how.body}</soapenv:Body></soapenv:Envelope>`,
      deadlineMs: 5_000,
      maxBytes: 1_000_000,
    });
    return { status, shape: shapeOf(readXml(body.toString())) };
  } finally {
    await http.close();
  }
}

function axl(standIn: CucmStandIn, operation: string, inner: string) {
  return post(standIn, {
    path: '/axl/',
    action: `CUCM:DB ver=14.0 ${operation}`,
    body: `<ns:${operation} xmlns:ns="http://www.cisco.com/AXL/API/14.0">${inner}</ns:${operation}>`,
  });
}

function tags(...names: string[]): string {
  return `<returnedTags>${names.map((name) => `<${name}/>`).join('')}</returnedTags>`;
}

function ris(standIn: CucmStandIn, names: readonly string[]) {
  const items = names.map((name) => `<s:item><s:Item>${name}</s:Item></s:item>`).join('');
  return post(standIn, {
    path: '/realtimeservice2/services/RISService70',
    action: 'http://schemas.cisco.com/ast/soap/action/#RisPort#SelectCmDeviceExt',
    body: `<s:selectCmDeviceExt xmlns:s="http://schemas.cisco.com/ast/soap"><s:StateInfo/><s:CmSelectionCriteria><s:MaxReturnedDevices>1000</s:MaxReturnedDevices><s:SelectItems>${items}</s:SelectItems></s:CmSelectionCriteria></s:selectCmDeviceExt>`,
  });
}

const documented = (path: string): Shape => shapeOf(readXml(cucmDocument(path)));

describe.skipIf(!HAS_CUCM_DOCUMENTS)('the stand-in for Unified CM', () => {
  it('answers for the documented phone what the documents hold, element by element', async () => {
    const standIn = await world.standIn({ phones: [DOCUMENTED_PHONE] });
    const list = await axl(
      standIn,
      'listPhone',
      `<searchCriteria><name>SEP%</name></searchCriteria>${tags('name', 'description', 'product', 'model')}`,
    );
    expect(list.shape).toEqual(documented('axl/typed-from-docs/listPhone.response.xml'));
    const registrations = await axl(
      standIn,
      'listRegistrationDynamic',
      `<searchCriteria><device>%</device></searchCriteria>${tags('device', 'lastKnownIpAddress', 'lastKnownUcm', 'lastSeen')}`,
    );
    expect(registrations.shape).toEqual(
      documented('axl/typed-from-docs/listRegistrationDynamic.response.xml'),
    );
    const sql = '<sql>select d.name, tp.name as product from device d</sql>';
    expect((await axl(standIn, 'executeSQLQuery', sql)).shape).toEqual(
      documented('axl/typed-from-docs/executeSQLQuery.response.xml'),
    );
    expect((await ris(standIn, [DOCUMENTED_PHONE.name])).shape).toEqual(
      documented('ris/typed-from-docs/selectCmDeviceExt.response.xml'),
    );
  });

  it('tells changes as the document does', async () => {
    const standIn = await world.standIn({ phones: [] });
    for (let n = 0; n < 9; n += 1) standIn.state.put(DOCUMENTED_PHONE);
    standIn.state.remove(DOCUMENTED_PHONE.name);
    standIn.state.changes.splice(9);
    standIn.state.put(DOCUMENTED_PHONE);
    const start = '<startChangeId queueId="093249823498">10</startChangeId>';
    const { shape } = await axl(standIn, 'listChange', start);
    expect(shape).toEqual(documented('axl/typed-from-docs/listChange.response.xml'));
  });

  it('refuses as the documents do', async () => {
    const standIn = await world.standIn({
      phones: Array.from({ length: 3 }, (_, at) => ({ ...DOCUMENTED_PHONE, name: `SEP${at}` })),
      settings: { mostRows: 2, risPerMinute: 15 },
    });
    const missing = await axl(standIn, 'getPhone', `<name>SEPFFFFFFFFFFFF</name>${tags('name')}`);
    expect(missing).toEqual({ status: 500, shape: documented('axl/typed-from-docs/not-found.fault.xml') });
    const sql = '<sql>select name from device</sql>';
    const large = JSON.stringify((await axl(standIn, 'executeSQLQuery', sql)).shape);
    expect(large.replaceAll('3 rows', '2816 rows').replaceAll('2 rows', '844 rows')).toBe(
      JSON.stringify(documented('axl/typed-from-docs/query-too-large.fault.xml')),
    );
    standIn.trouble({ kind: 'memory', times: 1 });
    expect((await axl(standIn, 'executeSQLQuery', sql)).shape).toEqual(
      documented('axl/typed-from-docs/memory-allocation.fault.xml'),
    );
    for (let n = 0; n < 15; n += 1) expect((await ris(standIn, ['SEP0'])).status).toBe(200);
    expect(await ris(standIn, ['SEP0'])).toEqual({
      status: 500,
      shape: documented('ris/typed-from-docs/rate-limit.fault.xml'),
    });
  });
});
