import { unwritable, writeXml, type XmlNode } from '../lib/xml/writer.ts';
import { configurationOf } from './configuration-document.ts';
import type {
  CommandArguments,
  CommandResult,
  ConfigurationDocument,
  DeviceIdentity,
  DeviceValueSpace,
  LeafMap,
  Setting,
  SettingAnswer,
} from './device.ts';
import { configurationToXml, leavesFromXml, leavesWithin, textOf } from './document.ts';
import { type Answer, isEmptyResult } from './envelope.ts';
import { XapiError } from './errors.ts';
import { identityFrom } from './identity.ts';
import { formatPath, type PathText, parsePath, pathKey } from './path.ts';
import { readCommandAnswer, readConfigurationVerdict, settleVerdict } from './putxml-answer.ts';
import type { XapiSettings } from './settings.ts';
import { readValueSpaces } from './value-space.ts';
import type { WebSession } from './web-session.ts';

/** The verbs of the XML API, over one device's web session. */
export class XmlApi {
  readonly #settings: XapiSettings;
  readonly #web: WebSession;

  constructor(settings: XapiSettings, { web }: { web: WebSession }) {
    this.#settings = settings;
    this.#web = web;
  }

  async readConfiguration(signal?: AbortSignal): Promise<ConfigurationDocument> {
    return configurationOf(await this.#document('/configuration.xml', 'Configuration', signal));
  }

  async readValueSpaces(signal?: AbortSignal): Promise<Map<string, DeviceValueSpace>> {
    return readValueSpaces((await this.#document('/valuespace.xml', 'Valuespace', signal)).root);
  }

  /**
   * The list is read whole where the path has an index, because in an XPath
   * `[2]` would be a position, and wire ids are none. Where a path through a
   * list finds nothing, the node above it is read and sifted.
   */
  async readStatus(path: PathText, signal?: AbortSignal): Promise<LeafMap> {
    const segments = parsePath(path);
    const list = segments.findIndex(({ index }) => index !== null);
    const names = segments.map(({ name }) => name);
    const isGeneral = list === -1;
    const found = await this.#getStatus(isGeneral ? names : names.slice(0, list + 1), signal);
    if (found.size > 0 || !isGeneral || names.length === 1) return leavesWithin(found, formatPath(segments));
    return leavesWithin(await this.#getStatus(names.slice(0, -1), signal), formatPath(segments));
  }

  /** The settings at and below a path without indexes, paths from the root. */
  async readSettings(path: PathText, signal?: AbortSignal): Promise<LeafMap> {
    const names = parsePath(path).map(({ name }) => name);
    return this.#getxml('Configuration', names, signal);
  }

  async identify(signal?: AbortSignal): Promise<DeviceIdentity> {
    return identityFrom(await this.readStatus('SystemUnit', signal));
  }

  /** A value that XML cannot carry is refused here; the others are sent all the same. */
  async writeConfiguration(settings: readonly Setting[], signal?: AbortSignal): Promise<SettingAnswer[]> {
    const sendable = settings.filter(({ value }) => unwritable(value) === null);
    const answers = (await this.#write(sendable, signal)).values();
    return settings.map((setting): SettingAnswer => {
      const reason = unwritable(setting.value);
      if (reason !== null) return { path: setting.path, outcome: 'refused', reason };
      return (
        answers.next().value ?? { path: setting.path, outcome: 'refused', reason: 'it was not answered' }
      );
    });
  }

  async #write(settings: readonly Setting[], signal: AbortSignal | undefined): Promise<SettingAnswer[]> {
    if (settings.length === 0) return [];
    const what = `writing ${settings.length} ${settings.length === 1 ? 'setting' : 'settings'}`;
    const body = configurationToXml(settings);
    const { root } = await this.#putxml(body, what, this.#settings.documentDeadlineMs, signal);
    expectRoot(root.name, 'Configuration', '/putxml');
    const verdict = readConfigurationVerdict(root, settings);
    if (verdict.unattributed.length === 0) return settleVerdict(verdict, settings, () => null);
    const { leaves } = await this.readConfiguration(signal);
    const held = new Map([...leaves].map(([path, value]) => [pathKey(path), value]));
    return settleVerdict(verdict, settings, ({ path, value }) => {
      const now = held.get(pathKey(path));
      return now !== undefined && MASKED.test(now) && value !== now ? null : now === value;
    });
  }

  async command(
    path: PathText,
    args: CommandArguments,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    const document = writeXml({ name: 'Command', children: [commandNode(path, args, body)] });
    const { root } = await this.#putxml(document, path, this.#settings.commandDeadlineMs, signal);
    return readCommandAnswer(root, path);
  }

  #getStatus(names: readonly string[], signal: AbortSignal | undefined): Promise<LeafMap> {
    return this.#getxml('Status', names, signal);
  }

  async #getxml(
    tree: 'Status' | 'Configuration',
    names: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<LeafMap> {
    const location = [`/${tree}`, ...names].join('/');
    const { root } = await this.#web.request(
      {
        method: 'GET',
        path: `/getxml?location=${location}`,
        deadlineMs: this.#settings.requestDeadlineMs,
        what: `reading ${location}`,
      },
      signal,
    );
    if (isEmptyResult(root)) return new Map();
    expectRoot(root.name, tree, location);
    return leavesFromXml(root).leaves;
  }

  #putxml(body: string, what: string, deadlineMs: number, signal: AbortSignal | undefined): Promise<Answer> {
    return this.#web.request({ method: 'POST', path: '/putxml', body, deadlineMs, what }, signal);
  }

  async #document(path: string, rootName: string, signal: AbortSignal | undefined): Promise<Answer> {
    const deadlineMs = this.#settings.documentDeadlineMs;
    const answer = await this.#web.request(
      { method: 'GET', path, deadlineMs, what: `reading ${path}` },
      signal,
    );
    expectRoot(answer.rootName, rootName, path);
    return answer;
  }
}

/** What a device shows instead of a hidden value; an empty text may be one. */
const MASKED = /^\**$/;

function expectRoot(answered: string, name: string, what: string): void {
  if (answered !== name)
    throw new XapiError(
      'malformed',
      `${what}: the device answered <${answered}> where <${name}> was expected`,
    );
}

/** `command="True"` marks the command for old software and is accepted by new. */
function commandNode(path: PathText, args: CommandArguments, body: string | undefined): XmlNode {
  const names = parsePath(path).map(({ name }) => name);
  const children: XmlNode[] = Object.entries(args).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((item: unknown, at) => ({
          name,
          attributes: { item: String(at + 1) },
          text: textOf(item) ?? '',
        }))
      : [{ name, text: textOf(value) ?? '' }],
  );
  if (body !== undefined) children.push({ name: 'body', text: body });
  return names.reduceRight<XmlNode>(
    (inside, name, depth) =>
      depth === names.length - 1
        ? { name, attributes: { command: 'True' }, children }
        : { name, children: [inside] },
    { name: 'Command' },
  );
}
