import type { XmlElement } from '../xml-reader.ts';
import { escapeXml } from '../xml-writer.ts';
import { child, localName } from './cucm-axl.ts';
import { type CucmAnswer, CucmFault, element, leaf, soapAnswer } from './cucm-soap.ts';
import type { CucmState, StandInPhone } from './cucm-state.ts';

export interface RisCall {
  readonly request: XmlElement;
  readonly state: CucmState;
  /** Devices of one answer, whatever MaxReturnedDevices asks for. */
  readonly mostDevices: number;
}

const MOST_NAMES = 1000;

/**
 * What RISPort70 answers to selectCmDeviceExt (cloud facts 4.2): devices by
 * name, no wildcards, under the name of selectCmDevice's answer.
 *
 * Chosen: devices that never registered are not known; where an answer holds
 * fewer than were found, the next with its StateInfo goes on behind them.
 */
export function answerRis({ request, state, mostDevices }: RisCall): CucmAnswer {
  const criteria = child(request, 'CmSelectionCriteria');
  if (localName(request.name) !== 'selectCmDeviceExt' || criteria === undefined)
    throw new CucmFault('There is no such operation');
  const names = (child(criteria, 'SelectItems')?.children ?? []).map(
    (item) => child(item, 'Item')?.text.trim() ?? '',
  );
  if (names.length > MOST_NAMES) throw new CucmFault(`At most ${MOST_NAMES} items can be selected`);
  const found = names
    .flatMap((name) => state.phones.get(name) ?? [])
    .filter(({ ipAddress }) => ipAddress !== '');
  const asked = Number(child(criteria, 'MaxReturnedDevices')?.text ?? '0');
  const from = Number(/TotalItemsReturned="(\d+)"/.exec(child(request, 'StateInfo')?.text ?? '')?.[1] ?? '0');
  const given = found.slice(from, from + Math.min(asked, mostDevices));
  const nodes = [...new Set(found.map(({ node }) => node))].map((node) =>
    writeNode(
      node,
      given.filter((phone) => phone.node === node),
    ),
  );
  const result = element(
    'ns1:SelectCmDeviceResult',
    leaf('ns1:TotalDevicesFound', String(found.length)) + element('ns1:CmNodes', nodes.join('')),
  );
  const stateInfo = stateOf(found, from + given.length);
  return soapAnswer(
    element(
      'ns1:selectCmDeviceResponse',
      element('ns1:selectCmDeviceReturn', result + leaf('ns1:StateInfo', stateInfo)),
      { 'xmlns:ns1': 'http://schemas.cisco.com/ast/soap' },
    ),
  );
}

function stateOf(found: readonly StandInPhone[], returned: number): string {
  const node = found[0]?.node ?? '';
  return `<StateInfo ClusterId=""><Node Name="${escapeXml(node)}" SubsystemStartTime="1700000000" StateId="7" TotalItemsFound="${found.length}" TotalItemsReturned="${returned}"/></StateInfo>`;
}

function writeNode(name: string, phones: readonly StandInPhone[]): string {
  return element(
    'ns1:item',
    leaf('ns1:ReturnCode', 'Ok') +
      leaf('ns1:Name', name) +
      leaf('ns1:NoChange', 'false') +
      element('ns1:CmDevices', phones.map(writeDevice).join('')),
  );
}

/** Model and Product are numbers of which the facts tell one pair; every device has it. */
function writeDevice(phone: StandInPhone): string {
  const address = [
    leaf('ns1:IP', phone.ipAddress),
    leaf('ns1:IPAddrType', 'ipv4'),
    leaf('ns1:Attribute', 'Unknown'),
  ];
  const fields: readonly (readonly [string, string])[] = [
    ['Name', phone.name],
    ['DirNumber', phone.dirNumber],
    ['DeviceClass', 'Phone'],
    ['Model', '36207'],
    ['Product', '20001'],
    ['Httpd', 'Yes'],
    ['Status', phone.status],
    ['StatusReason', '0'],
    ['Protocol', phone.protocol],
    ['ActiveLoadID', phone.load],
    ['Description', phone.description],
  ];
  return element(
    'ns1:item',
    fields.map(([name, text]) => leaf(`ns1:${name}`, text)).join('') +
      element('ns1:IPAddress', element('ns1:item', address.join(''))) +
      leaf('ns1:TimeStamp', String(phone.timeStamp)),
  );
}
