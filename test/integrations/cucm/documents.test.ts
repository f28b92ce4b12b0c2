import { describe, expect, it } from 'vitest';
import { CucmError } from '../../../src/integrations/cucm/errors.ts';
import { readChanges, readPhone, readRegistration, readRow } from '../../../src/integrations/cucm/phone.ts';
import { readPage } from '../../../src/integrations/cucm/ris.ts';
import { answerOf, child, childrenNamed } from '../../../src/integrations/cucm/soap.ts';
import type { XmlElement } from '../../../src/lib/xml/element.ts';
import { cucmDocument, HAS_CUCM_DOCUMENTS } from '../../support/cucm-documents.ts';

function answer(path: string, status = 200): XmlElement {
  return answerOf({ status, headers: {}, body: Buffer.from(cucmDocument(path)) }, 'the request');
}

function fault(path: string): CucmError {
  try {
    answer(path, 500);
  } catch (error) {
    if (error instanceof CucmError) return error;
  }
  throw new Error(`${path} was read as an answer`);
}

function rows(path: string, name: string): readonly XmlElement[] {
  return childrenNamed(child(answer(path), 'return'), name);
}

describe.skipIf(!HAS_CUCM_DOCUMENTS)('the documents of AXL', () => {
  it('are read as phones, registrations, rows and changes', () => {
    expect(rows('axl/typed-from-docs/listPhone.response.xml', 'phone').map(readPhone)).toEqual([
      expect.objectContaining({
        uuid: 'A0000000-0000-0000-0000-000000000001',
        name: 'SEP001122334455',
        description: 'Boardroom',
        product: 'Cisco Webex Room Kit',
        devicePool: '',
      }),
    ]);
    const registrations = 'axl/typed-from-docs/listRegistrationDynamic.response.xml';
    expect(rows(registrations, 'registrationDynamic').map(readRegistration)).toEqual([
      {
        device: 'SEP001122334455',
        lastKnownIpAddress: '10.1.2.3',
        lastKnownUcm: 'cucm-pub',
        lastSeenAt: 1_700_000_000_000,
        risStatus: '',
      },
    ]);
    expect(rows('axl/typed-from-docs/executeSQLQuery.response.xml', 'row').map(readRow)).toEqual([
      { name: 'SEP001122334455', product: 'Cisco Webex Room Kit' },
    ]);
    expect(readChanges(answer('axl/typed-from-docs/listChange.response.xml'))).toEqual({
      next: { queueId: '093249823498', changeId: '11' },
      changes: [{ id: '10', type: 'Phone', uuid: '4C48F047-7B40-4547-A8C2-FC5B2B668BDA', action: 'add' }],
    });
  });

  it('are read as typed errors where they are faults', () => {
    expect(fault('axl/typed-from-docs/memory-allocation.fault.xml')).toMatchObject({
      code: 'throttled',
      retryable: true,
    });
    expect(fault('axl/typed-from-docs/not-found.fault.xml').code).toBe('not-found');
    expect(fault('axl/typed-from-docs/query-too-large.fault.xml')).toMatchObject({
      code: 'query-too-large',
      rows: 844,
    });
    const plain = fault('axl/calltelemetry/axl.02.xml.xml');
    expect(plain).toMatchObject({ code: 'refused', retryable: false });
    expect(plain.message).toBe('Unified CM refused the request: nope');
  });

  it('are read in what a third party recorded of writes', () => {
    for (const [path, id] of [
      ['axl/calltelemetry/axl.00.xml.xml', '{ABC-123}'],
      ['axl/calltelemetry/axl.01.xml.xml', 'abc'],
    ] as const)
      expect(child(answer(path), 'return')?.text).toBe(id);
  });
});

describe.skipIf(!HAS_CUCM_DOCUMENTS)('the documents of RISPort70', () => {
  it('are read with a prefix on every element', () => {
    expect(readPage(answer('ris/typed-from-docs/selectCmDeviceExt.response.xml'))).toMatchObject({
      total: 1,
      stateInfo: expect.stringContaining('StateId="7"'),
      devices: [
        {
          name: 'SEP001122334455',
          node: 'cucm-pub',
          isRegistered: true,
          ipAddress: '10.1.2.3',
          load: 'ce11.9.2.4',
          at: 1_700_000_000_000,
        },
      ],
    });
  });

  it('are read without prefixes, over several nodes, and as older releases write them', () => {
    const { devices } = readPage(answer('ris/calltelemetry/risport.00.multiNodeXml.xml'));
    expect(devices.map(({ name, node, ipAddress }) => [name, node, ipAddress])).toEqual([
      ['SEP001122334455', 'cucm15-pub', '10.0.1.100'],
      ['SEP665544332211', 'cucm15-pub', '10.0.1.101'],
      ['SEPAABBCCDDEEFF', 'cucm15-sub', '10.0.2.50'],
    ]);
    const unregistered = readPage(answer('ris/calltelemetry/cluster-health.00.risXml.xml')).devices.at(-1);
    expect(unregistered).toMatchObject({ status: 'UnRegistered', isRegistered: false });
    expect(readPage(answer('ris/calltelemetry/risport.02.legacyXml.xml')).devices).toMatchObject([
      { name: 'SEP001122334455', ipAddress: '10.0.1.100', isRegistered: true },
    ]);
    expect(readPage(answer('ris/calltelemetry/risport.01.singleDeviceXml.xml')).devices).toHaveLength(1);
  });

  it('tell of further pages by their StateInfo', () => {
    expect(readPage(answer('ris/calltelemetry/risport.04.page1Xml.xml'))).toMatchObject({
      total: 3,
      stateInfo: 'cursor-page2',
    });
    expect(readPage(answer('ris/calltelemetry/risport.05.page2Xml.xml'))).toMatchObject({
      total: 3,
      stateInfo: '',
    });
  });

  it('tell that the rate is used up', () => {
    expect(fault('ris/typed-from-docs/rate-limit.fault.xml').code).toBe('throttled');
  });
});
