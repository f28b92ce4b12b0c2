import type { AbortOptions } from '../../lib/abort.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { type PagingModules, paged } from './paging.ts';
import {
  type CucmChanges,
  type CucmPhone,
  type CucmRegistration,
  type CucmRow,
  PHONE_TAGS,
  REGISTRATION_TAGS,
  readChanges,
  readPhone,
  readRegistration,
  readRow,
} from './phone.ts';
import { child, childrenNamed, nameOf, notUnifiedCm, textOf } from './soap.ts';
import type { CucmTransport } from './transport.ts';

export interface AxlOptions {
  /** Path of the service with its slash at the end. */
  readonly path: string;
  /** `14.0`; stands in the namespace and in SOAPAction. */
  readonly version: string;
  readonly deadlineMs: number;
  /** Rows that a page has at most. */
  readonly pageRows: number;
}

/** What AXL can search phones by: nothing of product or model (cloud facts 4.1). `%` stands for anything. */
export interface PhoneSearch {
  readonly name?: string;
  readonly description?: string;
  readonly devicePoolName?: string;
}

/** Elements of a phone in the order of AXL's schema; a nested record is an element with children. */
export type PhoneFields = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/**
 * The administrative interface of Unified CM (cloud facts 4.1). roomd itself
 * only reads by it; the verbs that write are for tools and tests.
 *
 * Every method throws CucmError, or the reason of an aborted signal.
 */
export class AxlClient {
  readonly #options: AxlOptions;
  readonly #transport: CucmTransport;
  readonly #modules: PagingModules;

  constructor(options: AxlOptions, { transport, ...modules }: PagingModules & { transport: CucmTransport }) {
    this.#options = options;
    this.#transport = transport;
    this.#modules = modules;
  }

  /** The version of the node that answers: `14.0.1.13900-155`. */
  async getCCMVersion(options: AbortOptions = {}): Promise<string> {
    const answer = await this.#call('getCCMVersion', [], options);
    const part = child(child(answer, 'return') ?? answer, 'componentVersion');
    if (part === undefined) throw notUnifiedCm('getCCMVersion');
    return textOf(part, 'version');
  }

  listPhone(search: PhoneSearch, options: AbortOptions = {}): AsyncGenerator<CucmPhone, void> {
    return this.#list('listPhone', { search, tags: PHONE_TAGS, row: 'phone' }, readPhone, options);
  }

  async getPhone(name: string, options: AbortOptions = {}): Promise<CucmPhone> {
    const question = [{ name: 'name', text: name }, returnedTags(PHONE_TAGS)];
    const answer = await this.#call('getPhone', question, options);
    const phone = child(child(answer, 'return') ?? answer, 'phone');
    if (phone === undefined) throw notUnifiedCm('getPhone');
    return readPhone(phone);
  }

  /** Where phones registered last; `%` stands for anything. Not limited as RISPort70 is. */
  listRegistrationDynamic(
    device: string,
    options: AbortOptions = {},
  ): AsyncGenerator<CucmRegistration, void> {
    const how = { search: { device }, tags: REGISTRATION_TAGS, row: 'registrationDynamic' };
    return this.#list('listRegistrationDynamic', how, readRegistration, options);
  }

  /** The rows of one query, as one answer. */
  async executeSQLQuery(sql: string, options: AbortOptions = {}): Promise<readonly CucmRow[]> {
    const answer = await this.#call('executeSQLQuery', [{ name: 'sql', text: sql }], options);
    return childrenNamed(child(answer, 'return'), 'row').map(readRow);
  }

  /** The rows of a query that begins with SELECT, page by page; it should say ORDER BY. */
  sqlPages(sql: string, options: AbortOptions = {}): AsyncGenerator<CucmRow, void> {
    return paged(
      (skip, first) =>
        this.executeSQLQuery(sql.replace(/^\s*select\b/i, `SELECT SKIP ${skip} FIRST ${first}`), options),
      { first: this.#options.pageRows },
      { ...this.#modules, ...options },
    );
  }

  /** What changed since `since`; null asks for where the queue stands now. Another `queueId` than before: read everything anew. */
  async listChange(since: CucmChanges['next'] | null, options: AbortOptions = {}): Promise<CucmChanges> {
    const start = since && {
      name: 'startChangeId',
      attributes: { queueId: since.queueId },
      text: since.changeId,
    };
    const answer = await this.#call('listChange', start === null ? [] : [start], options);
    const changes = readChanges(answer);
    if (changes === null) throw notUnifiedCm('listChange');
    return changes;
  }

  /** @returns the new phone's id */
  addPhone(fields: PhoneFields, options: AbortOptions = {}): Promise<string> {
    return this.#write('addPhone', [{ name: 'phone', children: fieldNodes(fields) }], options);
  }

  updatePhone(name: string, fields: PhoneFields, options: AbortOptions = {}): Promise<string> {
    return this.#write('updatePhone', [{ name: 'name', text: name }, ...fieldNodes(fields)], options);
  }

  removePhone(name: string, options: AbortOptions = {}): Promise<string> {
    return this.#write('removePhone', [{ name: 'name', text: name }], options);
  }

  async #write(operation: string, question: readonly XmlNode[], options: AbortOptions): Promise<string> {
    return textOf(await this.#call(operation, question, options), 'return').replaceAll(/[{}]/g, '');
  }

  #list<Row>(
    operation: string,
    how: { search: object; tags: readonly string[]; row: string },
    read: (element: XmlElement) => Row,
    options: AbortOptions,
  ): AsyncGenerator<Row, void> {
    const criteria = Object.entries(how.search).map(([name, text]) => ({ name, text: String(text) }));
    const ask = async (skip: number, first: number): Promise<readonly Row[]> => {
      const question = [
        { name: 'searchCriteria', children: criteria },
        returnedTags(how.tags),
        { name: 'skip', text: String(skip) },
        { name: 'first', text: String(first) },
      ];
      const answer = await this.#call(operation, question, options);
      return childrenNamed(child(answer, 'return'), how.row).map(read);
    };
    return paged(ask, { first: this.#options.pageRows }, { ...this.#modules, ...options });
  }

  async #call(operation: string, question: readonly XmlNode[], options: AbortOptions): Promise<XmlElement> {
    const { path, version, deadlineMs } = this.#options;
    const answer = await this.#transport.call(
      {
        what: operation,
        path,
        action: `CUCM:DB ver=${version} ${operation}`,
        namespace: `http://www.cisco.com/AXL/API/${version}`,
        body: { name: `ns:${operation}`, children: question },
        deadlineMs,
      },
      options,
    );
    if (nameOf(answer) !== `${operation}Response`) throw notUnifiedCm(operation);
    return answer;
  }
}

function returnedTags(names: readonly string[]): XmlNode {
  return { name: 'returnedTags', children: names.map((name) => ({ name })) };
}

function fieldNodes(fields: PhoneFields): XmlNode[] {
  return Object.entries(fields).map(([name, value]) =>
    typeof value === 'string' ? { name, text: value } : { name, children: fieldNodes(value) },
  );
}
