import type { XmlElement } from '../xml-reader.ts';
import { type CucmAnswer, CucmFault, element, leaf, soapAnswer } from './cucm-soap.ts';
import { type CucmState, isLikeSql, type StandInPhone } from './cucm-state.ts';

export interface AxlCall {
  /** `listPhone`. */
  readonly operation: string;
  readonly version: string;
  readonly request: XmlElement;
  readonly state: CucmState;
  /** Rows beyond which a query is refused as too large. */
  readonly mostRows: number;
  /** Lists answer no more than half of what was asked for. */
  readonly isCut: boolean;
  readonly newUuid: () => string;
}

/** Elements of a phone in the order of AXL's schema. */
const PHONE_FIELDS = [
  'name',
  'description',
  'product',
  'model',
  'protocol',
  'devicePoolName',
  'locationName',
] as const;

/** What AXL answers (cloud facts 4.1), for the operations that roomd and its tests use. */
export function answerAxl(call: AxlCall): CucmAnswer {
  const { operation, version } = call;
  const write = OPERATIONS[operation];
  // Chosen: an unknown operation is a fault without an axlError, as a SOAP engine's own.
  if (write === undefined) throw new CucmFault(`There is no operation ${operation}`);
  return soapAnswer(
    element(`ns:${operation}Response`, write(call), {
      'xmlns:ns': `http://www.cisco.com/AXL/API/${version}`,
    }),
  );
}

const OPERATIONS: Readonly<Record<string, (call: AxlCall) => string>> = {
  getCCMVersion: ({ version }) =>
    element('return', element('componentVersion', leaf('version', `${version}.1.13900-155`))),
  listPhone: (call) => {
    const criteria = criteriaOf(call.request);
    const matching = call.state
      .list()
      .filter((phone) => criteria.every(([name, pattern]) => isLikeSql(fieldOf(phone, name), pattern)));
    return rowsOf(matching, call, (phone) => writePhone(phone, tagsOf(call.request)));
  },
  getPhone: (call) => element('return', writePhone(named(call), tagsOf(call.request))),
  listRegistrationDynamic: (call) => {
    const [, pattern = '%'] = criteriaOf(call.request).find(([name]) => name === 'device') ?? [];
    const matching = call.state.list().filter(({ name }) => isLikeSql(name, pattern));
    return rowsOf(matching, call, (phone) => writeRegistration(phone, tagsOf(call.request)));
  },
  executeSQLQuery: (call) => answerSql(call),
  listChange: (call) => answerChanges(call),
  addPhone: (call) => {
    const phone = child(call.request, 'phone');
    const fields = phone === undefined ? {} : fieldsOf(phone);
    const name = fields['name'] ?? '';
    if (name === '') throw fault(call, '-1', 'Item not valid: a phone needs a name');
    if (call.state.phones.has(name))
      throw fault(call, '-239', 'Could not insert new row - duplicate value in a UNIQUE INDEX column');
    const uuid = `{${call.newUuid().toUpperCase()}}`;
    call.state.put({ ...UNREGISTERED, ...fields, uuid, name });
    return leaf('return', uuid);
  },
  updatePhone: (call) => {
    const phone = named(call);
    call.state.put({ ...phone, ...fieldsOf(call.request), name: phone.name });
    return leaf('return', phone.uuid);
  },
  removePhone: (call) => {
    const phone = named(call);
    call.state.remove(phone.name);
    return leaf('return', phone.uuid);
  },
};

const UNREGISTERED: StandInPhone = {
  uuid: '',
  name: '',
  description: '',
  product: '',
  model: '',
  protocol: 'SIP',
  devicePoolName: 'Default',
  locationName: 'Hub_None',
  ipAddress: '',
  status: 'UnRegistered',
  load: '',
  dirNumber: '',
  node: '',
  timeStamp: 0,
};

function rowsOf(
  matching: readonly StandInPhone[],
  call: AxlCall,
  write: (phone: StandInPhone) => string,
): string {
  const skip = numberOf(call.request, 'skip') ?? 0;
  const asked = numberOf(call.request, 'first') ?? Number.POSITIVE_INFINITY;
  return element('return', page(matching, { skip, asked }, call).map(write).join(''));
}

function page(
  matching: readonly StandInPhone[],
  { skip, asked }: { skip: number; asked: number },
  call: AxlCall,
): readonly StandInPhone[] {
  const rest = matching.slice(skip, skip + asked);
  if (rest.length > call.mostRows)
    throw fault(
      call,
      '-1',
      `Query request too large. Total rows matched: ${matching.length} rows. Suggestive Row Fetch: less than ${call.mostRows} rows`,
    );
  return call.isCut ? rest.slice(0, Math.ceil(rest.length / 2)) : rest;
}

function writePhone(phone: StandInPhone, tags: ReadonlySet<string>): string {
  const inner = PHONE_FIELDS.filter((field) => tags.has(field)).map((field) => leaf(field, phone[field]));
  return element('phone', inner.join(''), { uuid: phone.uuid });
}

function writeRegistration(phone: StandInPhone, tags: ReadonlySet<string>): string {
  const fields = [
    ['lastKnownIpAddress', phone.ipAddress],
    ['lastKnownUcm', phone.node],
    ['lastSeen', String(phone.timeStamp)],
    // Chosen: the words of RISPort70 stand here, too.
    ['risStatus', phone.status],
  ] as const;
  const inner = [
    ...(tags.has('device') ? [leaf('device', phone.name, { uuid: phone.uuid })] : []),
    ...fields.filter(([name]) => tags.has(name)).map(([name, text]) => leaf(name, text)),
  ];
  return element('registrationDynamic', inner.join(''), { uuid: phone.uuid.replace('{A', '{B') });
}

const COLUMNS: Readonly<Record<string, (phone: StandInPhone) => string>> = {
  name: ({ name }) => name,
  description: ({ description }) => description,
  product: ({ product }) => product,
  model: ({ model }) => model,
  devicepool: ({ devicePoolName }) => devicePoolName,
};

/**
 * Chosen: of SQL, only `select [skip n] [first m] COLUMN [as NAME], … from
 * device …` is understood, and what follows `from` is not looked at.
 */
function answerSql(call: AxlCall): string {
  const sql = child(call.request, 'sql')?.text ?? '';
  const [, skip = '0', first = '', columns = ''] =
    /^\s*select\s+(?:skip\s+(\d+)\s+)?(?:first\s+(\d+)\s+)?(.+?)\s+from\s+device\b/is.exec(sql) ?? [];
  const names = columns.split(',').map(
    (column) =>
      column
        .trim()
        .split(/\s+as\s+|\./i)
        .at(-1)
        ?.toLowerCase() ?? '',
  );
  if (columns === '' || names.some((name) => COLUMNS[name] === undefined))
    throw fault(call, '-201', 'A syntax error has occurred.');
  const asked = first === '' ? Number.POSITIVE_INFINITY : Number(first);
  const rows = page(call.state.list(), { skip: Number(skip), asked }, call).map((phone) =>
    element('row', names.map((name) => leaf(name, COLUMNS[name]?.(phone) ?? '')).join('')),
  );
  return element('return', rows.join(''));
}

function answerChanges({ request, state }: AxlCall): string {
  const start = child(request, 'startChangeId');
  // Chosen: a queue of another id, or none, tells where it stands and no change.
  const from =
    start !== undefined && start.attributes['queueId'] === state.queueId ? Number(start.text) : null;
  const last = state.changes.at(-1)?.id ?? 0;
  const queue = [
    leaf('firstChangeId', String(state.changes[0]?.id ?? 0)),
    leaf('lastChangeId', String(last)),
    leaf('nextStartChangeId', String(last + 1)),
    leaf('queueId', state.queueId),
  ];
  const changes = from === null ? [] : state.changes.filter(({ id }) => id >= from);
  const written = changes.map(({ id, action, uuid }) =>
    element(
      'change',
      leaf('id', String(id)) + leaf('action', action) + leaf('doGet', String(action !== 'r')),
      { type: 'Phone', uuid },
    ),
  );
  return element('queueInfo', queue.join('')) + element('changes', written.join(''));
}

function named(call: AxlCall): StandInPhone {
  const name = child(call.request, 'name')?.text.trim() ?? '';
  const phone = call.state.phones.get(name);
  if (phone === undefined) throw fault(call, '5007', `Item not valid: The specified ${name} was not found`);
  return phone;
}

function fault({ operation }: AxlCall, code: string, sentence: string): CucmFault {
  return new CucmFault(sentence, { axl: { code, request: operation } });
}

function fieldsOf(parent: XmlElement): Partial<Record<(typeof PHONE_FIELDS)[number], string>> {
  return Object.fromEntries(
    PHONE_FIELDS.flatMap((field) => {
      const one = child(parent, field);
      return one === undefined ? [] : [[field, one.text.trim()]];
    }),
  );
}

function fieldOf(phone: StandInPhone, name: string): string {
  const field = PHONE_FIELDS.find((one) => one === name);
  return field === undefined ? '' : phone[field];
}

function criteriaOf(request: XmlElement): [string, string][] {
  return (child(request, 'searchCriteria')?.children ?? []).map(({ name, text }) => [
    localName(name),
    text.trim(),
  ]);
}

/** Without returnedTags a phone is told whole. */
function tagsOf(request: XmlElement): ReadonlySet<string> {
  const tags = child(request, 'returnedTags');
  return tags === undefined
    ? new Set(PHONE_FIELDS)
    : new Set(tags.children.map(({ name }) => localName(name)));
}

function numberOf(request: XmlElement, name: string): number | null {
  const text = child(request, name)?.text.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

export function child(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((one) => localName(one.name) === name);
}

export function localName(name: string): string {
  return name.split(':').at(-1) ?? name;
}
