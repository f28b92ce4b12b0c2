import type { Catalogue } from './catalogue.ts';
import type { CommandOutcome } from './commands/command.ts';
import type { SettingOutcome } from './configuration-store.ts';
import type { CommandInput, DeviceState } from './device-state.ts';
import type { ModelDocuments } from './model-documents.ts';
import { keysOf, type Token, textOf } from './node-path.ts';
import { type Leaf, nest } from './node-tree.ts';
import { readXml, type XmlElement, XmlSyntaxError } from './xml-reader.ts';
import {
  CONFIGURATION_STYLE,
  escapeXml,
  plainDocument,
  STATUS_STYLE,
  type TreeStyle,
  writeChildren,
  writeJson,
  xmlDocument,
} from './xml-writer.ts';

/** An answer of the XML API before it is put on the wire. */
export interface XmlAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** It was carried out and no answer comes. */
  readonly unanswered?: true;
}

const NO_ACTION = '<ActionError>\n  <Reason>No action detected in document</Reason>\n</ActionError>\n';

/** The documents and the two verbs of the HTTPS XML API, texts as captured (facts section 2.3). */
export class XmlEndpoint {
  readonly #state: DeviceState;
  readonly #documentsOf: (catalogue: Catalogue) => ModelDocuments;
  readonly #count: (kind: string) => void;

  constructor({
    state,
    documentsOf,
    count,
  }: {
    state: DeviceState;
    documentsOf: (catalogue: Catalogue) => ModelDocuments;
    /** Told of each command, under the same name as over the websocket. */
    count: (kind: string) => void;
  }) {
    this.#state = state;
    this.#documentsOf = documentsOf;
    this.#count = count;
  }

  get #documents(): ModelDocuments {
    return this.#documentsOf(this.#state.core.catalogue);
  }

  /** GET of one of the whole documents; null where there is none of that name. */
  document(path: string): XmlAnswer | null {
    switch (path) {
      case '/status.xml':
        return xml(this.#tree('Status', this.#state.core.status.leaves(), STATUS_STYLE));
      case '/configuration.xml':
        return xml(this.#documents.configuration(this.#state.core.configuration));
      case '/command.xml':
        return xml(this.#documents.commands());
      case '/valuespace.xml':
        return xml(this.#documents.valueSpaces());
      default:
        return null;
    }
  }

  /** GET /getxml?location=… */
  getxml(location: string | null): XmlAnswer {
    const tokens = readLocation(location ?? '');
    if (tokens === null) return xml(xpathFault(location ?? ''));
    const [root, ...prefix] = keysOf(tokens);
    const isStatus = root === 'status';
    if (isStatus || root === 'configuration') {
      const store = isStatus ? this.#state.core.status : this.#state.core.configuration;
      const leaves = store.leaves(prefix);
      if (leaves.length > 0)
        return xml(
          isStatus
            ? this.#tree('Status', leaves, STATUS_STYLE)
            : this.#tree('Configuration', leaves, CONFIGURATION_STYLE),
        );
    }
    if (prefix.length === 0 && root === 'command') return xml(this.#documents.commands());
    if (prefix.length === 0 && root === 'valuespace') return xml(this.#documents.valueSpaces());
    return xml(xmlDocument('EmptyResult', this.#identity(), ''));
  }

  /** POST /putxml with a Configuration or a Command document. */
  putxml(text: string, user: string): XmlAnswer {
    const { putxmlTakes, accountRoles } = this.#state.settings;
    if (putxmlTakes === 'admin' && !accountRoles.includes('Admin'))
      return { status: 403, contentType: 'text/plain', body: 'Forbidden' };
    let root: XmlElement;
    try {
      root = readXml(text);
    } catch (error) {
      if (!(error instanceof XmlSyntaxError)) throw error;
      return { status: 400, contentType: 'text/plain', body: `XML syntax error:\n${error.message}` };
    }
    if (root.name === 'Configuration') return xml(this.#configure(root));
    if (root.name === 'Command') return this.#run(root, user);
    return xml(NO_ACTION);
  }

  #configure(root: XmlElement): string {
    const outcomes: SettingOutcome[] = [];
    for (const child of root.children)
      for (const { tokens, value } of settingsIn(child, []))
        outcomes.push(this.#state.core.setByAccount(this.#locate(tokens), value));
    if (outcomes.length === 0) return NO_ACTION;
    if (outcomes.every(({ kind }) => kind === 'accepted'))
      return `${plainDocument('Configuration', '  <Success/>\n')}\n`;
    const bare = this.#state.settings.settingErrorShape === 'bare';
    const parts = outcomes
      .filter(({ kind }) => bare || kind !== 'accepted')
      .map((outcome) => (bare ? bareOutcome(outcome) : namedError(outcome)));
    const anyAccepted = outcomes.some(({ kind }) => kind === 'accepted');
    return plainDocument('Configuration', (anyAccepted && !bare ? '  <Success/>\n' : '') + parts.join(''));
  }

  /** The setting an element means: an id where the schema has none is dropped, a missing one treated as the settings say. */
  #locate(tokens: readonly Token[]): string {
    const { settings } = this.#state.core.catalogue;
    const asWritten = textOf(tokens);
    if (settings.has(asWritten.toLowerCase())) return asWritten;
    const names = tokens.filter((token) => typeof token === 'string');
    const plain = textOf(names);
    if (
      settings.has(plain.toLowerCase()) &&
      tokens.every((token) => typeof token === 'string' || token === 1)
    )
      return plain;
    if (this.#state.settings.missingItem === 'refuse' || names.length !== tokens.length) return asWritten;
    const wanted = names.join('.').toLowerCase();
    const match = [...settings.values()].find(
      ({ path }) => path.keys.filter((key) => typeof key === 'string').join('.') === wanted,
    );
    return match?.path.text ?? asWritten;
  }

  #run(root: XmlElement, user: string): XmlAnswer {
    const found = root.children.flatMap((child) => this.#commandsIn(child, []));
    if (found.length === 0) return xml(NO_ACTION);
    let isUnanswered = false;
    const results = found.map(({ path, element }) => {
      this.#count(`xCommand/${path.join('/')}`);
      const outcome = this.#state.command(path.join('/'), inputOf(element), {
        body: element.children.find(({ name }) => name.toLowerCase() === 'body')?.text ?? '',
        user,
      });
      isUnanswered ||= outcome.kind === 'ok' && outcome.unanswered === true;
      return this.#commandResult(path, outcome);
    });
    const answer = xml(plainDocument('Command', results.join('')));
    return isUnanswered ? { ...answer, unanswered: true } : answer;
  }

  #commandsIn(element: XmlElement, above: readonly string[]): { path: string[]; element: XmlElement }[] {
    const path = [...above, element.name];
    const spec = this.#state.core.catalogue.commands.get(path.join('/').toLowerCase());
    if (spec !== undefined) return [{ path: [...spec.path], element }];
    return element.children.flatMap((child) => this.#commandsIn(child, path));
  }

  #commandResult(path: readonly string[], outcome: CommandOutcome): string {
    const name = `${path.slice(-2).join('')}Result`;
    const error = (status: string, reason: string): string =>
      `  <${name} status="${status}">\n    <Reason>${escapeXml(reason)}</Reason>\n  </${name}>\n`;
    switch (outcome.kind) {
      case 'ok': {
        const inner = writeJson(outcome.result, '    ');
        return inner === ''
          ? `  <${name} status="OK"/>\n`
          : `  <${name} status="OK">\n${inner}  </${name}>\n`;
      }
      case 'failed':
        return error('Error', outcome.reason);
      case 'missing-argument':
        return error('ParameterError', `Missing or invalid parameter(s): ${outcome.argument}`);
      case 'bad-argument':
        return error('ParameterError', `Bad argument to parameter "${outcome.argument}".`);
      case 'unknown-argument':
        return this.#state.settings.unknownArgument === 'empty-command'
          ? ''
          : error('ParameterError', `Unknown parameter "${outcome.argument}".`);
      case 'forbidden':
        return error('Error', 'Permission denied');
      case 'unknown':
        return '';
      default:
        return outcome satisfies never;
    }
  }

  #tree(root: string, leaves: Leaf[], style: TreeStyle): string {
    return xmlDocument(root, this.#identity(), writeChildren(nest(leaves), style));
  }

  #identity(): { product: string; software: string } {
    return { product: 'Cisco Codec', software: this.#state.software };
  }
}

function xml(body: string): XmlAnswer {
  return {
    status: 200,
    contentType: 'text/xml; charset=UTF-8',
    body: body.startsWith('<?xml') ? body : `<?xml version="1.0"?>\n${body}`,
  };
}

function xpathFault(location: string): string {
  return `<Fault>\n  <XPathError type="parsing">\n    <ErrorCode type="string">10</ErrorCode>\n    <XPath>${escapeXml(location)}</XPath>\n  </XPathError>\n</Fault>\n`;
}

/** Tokens of `/Status/Call[1]/Status` or `/Status/Call[@item='1']`; null where it cannot be parsed. */
function readLocation(location: string): Token[] | null {
  const words = location.replace(/^\//, '').replace(/\/$/, '').split('/');
  const tokens: Token[] = [];
  for (const word of words) {
    const match = /^([A-Za-z][\w.-]*)(?:\[(?:@item\s*=\s*['"]?)?(\d+)['"]?\])?$/.exec(word);
    if (match?.[1] === undefined) return null;
    tokens.push(match[1]);
    if (match[2] !== undefined) tokens.push(Number(match[2]));
  }
  return tokens;
}

/** The settings an element holds, each with its path; ids come from `item`. */
function settingsIn(element: XmlElement, above: readonly Token[]): { tokens: Token[]; value: string }[] {
  const item = element.attributes['item'];
  const tokens: Token[] = [
    ...above,
    element.name,
    ...(item !== undefined && /^\d+$/.test(item) ? [Number(item)] : []),
  ];
  if (element.children.length === 0) return [{ tokens, value: element.text }];
  return element.children.flatMap((child) => settingsIn(child, tokens));
}

function inputOf(element: XmlElement): CommandInput {
  const input: Record<string, string[]> = {};
  for (const child of element.children) {
    if (child.name.toLowerCase() === 'body') continue;
    (input[child.name] ??= []).push(child.text);
  }
  return input;
}

const REASONS = {
  'no-such-setting': 'No match on address expression',
  'bad-value': 'Invalid or missing parameters',
  forbidden: 'Permission denied',
};

function namedError(outcome: SettingOutcome): string {
  if (outcome.kind === 'accepted') return '';
  const xpath = `Configuration/${outcome.path.replaceAll('.', '/')}`;
  return `  <Error>\n    <Reason>${REASONS[outcome.kind]}</Reason>\n    <XPath>${escapeXml(xpath)}</XPath>\n  </Error>\n`;
}

function bareOutcome(outcome: SettingOutcome): string {
  return outcome.kind === 'accepted' ? '  <Success/>\n' : `  <Error>${REASONS[outcome.kind]}</Error>\n`;
}
