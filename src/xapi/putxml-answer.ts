import { textWithin, type XmlElement } from '../lib/xml/element.ts';
import type { CommandResult, Setting, SettingAnswer } from './device.ts';
import { leavesFromXml } from './document.ts';
import { reasonOf } from './envelope.ts';
import { XapiError, type XapiErrorCode } from './errors.ts';
import { formatSegment, type PathText, parsePath } from './path.ts';

/**
 * What a device said to a putxml document of settings, as far as the answer
 * alone tells. `null` in `answers`: some error has not been tied to a setting
 * and may be this one's; `unattributed` holds the reasons of those errors.
 */
export interface ConfigurationVerdict {
  readonly answers: readonly (SettingAnswer | null)[];
  readonly unattributed: readonly string[];
}

/**
 * Reads the `<Configuration>` answer. One `<Error>` stands for one failed
 * setting, next to successes; what is inside it is not documented, so an error
 * is tied to a setting by any path that it carries, in whatever form.
 */
export function readConfigurationVerdict(
  root: XmlElement,
  settings: readonly Setting[],
): ConfigurationVerdict {
  const errors = root.children.filter((child) => child.name === 'Error');
  const confirmed = root.children.some((child) => child.name === 'Success');
  if (errors.length === 0) {
    if (confirmed)
      return { answers: settings.map(({ path }) => ({ path, outcome: 'accepted' })), unattributed: [] };
    const reason = `the device neither confirmed nor refused the document (it answered <${root.name}>)`;
    return { answers: settings.map((setting) => refusal(setting, reason)), unattributed: [] };
  }
  const reasons = new Map<number, string>();
  const unattributed: string[] = [];
  const inOrder = answersInOrder(root, settings);
  for (const error of errors) {
    const index = settingOf(error, settings) ?? (inOrder ? root.children.indexOf(error) : null);
    if (index === null || reasons.has(index)) unattributed.push(reasonOf(error));
    else reasons.set(index, reasonOf(error));
  }
  const allFailed =
    errors.length >= settings.length || (!confirmed && root.children.length === errors.length);
  const told = (setting: Setting, index: number): SettingAnswer | null => {
    const reason = reasons.get(index);
    if (reason !== undefined) return refusal(setting, reason);
    if (allFailed) return refusal(setting, unattributed[0] ?? 'the device refused the whole document');
    return unattributed.length === 0 ? { path: setting.path, outcome: 'accepted' } : null;
  };
  return { answers: settings.map(told), unattributed: allFailed ? [] : unattributed };
}

/**
 * Decides what the answer left open by what the device holds now. Where exactly
 * as many settings differ as errors are left, those are the refused ones;
 * otherwise none of them is called accepted.
 * @param isHeld whether the device now shows the wanted value; null where it cannot be seen (a masked value)
 */
export function settleVerdict(
  verdict: ConfigurationVerdict,
  settings: readonly Setting[],
  isHeld: (setting: Setting) => boolean | null,
): SettingAnswer[] {
  const open = settings.filter((_, index) => verdict.answers[index] === null);
  const differing = open.filter((setting) => isHeld(setting) === false);
  const count = verdict.unattributed.length;
  const reasons = [...new Set(verdict.unattributed)].join('; ');
  const isClear = differing.length === count && open.every((setting) => isHeld(setting) !== null);
  return settings.map((setting, index) => {
    const told = verdict.answers[index];
    if (told !== null && told !== undefined) return told;
    if (isClear)
      return differing.includes(setting)
        ? refusal(setting, reasons)
        : { path: setting.path, outcome: 'accepted' };
    return refusal(
      setting,
      `the device refused ${count} of ${settings.length} settings and did not say which (${reasons}); read back decides`,
    );
  });
}

/**
 * Reads the `<Command>` answer to one command.
 * @throws XapiError `command-failed`, `bad-value` or `permission` with the device's reason
 */
export function readCommandAnswer(root: XmlElement, path: PathText): CommandResult {
  const result = root.children[0];
  if (root.name !== 'Command')
    throw new XapiError('malformed', `${path}: the device answered <${root.name}> instead of <Command>`);
  if (result === undefined)
    throw new XapiError(
      'bad-value',
      `${path}: the device answered nothing: it does not have the command or not with these arguments`,
    );
  const status = result.attributes['status'] ?? 'OK';
  if (!status.includes('Error')) return leavesFromXml(result).leaves;
  const reason = reasonOf(result);
  throw new XapiError(refusalCode(status, reason), `${path}: ${reason}`, { details: { status } });
}

/** Over wss a missing role has a code of its own (-31999); here only words can tell it. */
function refusalCode(status: string, reason: string): XapiErrorCode {
  if (/permission/i.test(reason)) return 'permission';
  return status === 'ParameterError' ? 'bad-value' : 'command-failed';
}

function refusal({ path }: Setting, reason: string): SettingAnswer {
  return { path, outcome: 'refused', reason };
}

/**
 * One Success or Error for each setting, in order. A single Success may also
 * stand for all the rest, so it takes several to tell.
 */
function answersInOrder(root: XmlElement, settings: readonly Setting[]): boolean {
  const successes = root.children.filter(({ name }) => name === 'Success').length;
  return successes > 1 && root.children.length === settings.length;
}

/** The setting an error speaks of: the longest path that any of its texts or its own structure holds. */
function settingOf(error: XmlElement, settings: readonly Setting[]): number | null {
  const clues = [...cluesOf(error, ''), textWithin(error)].map(comparable);
  const wanted = settings.map(({ path }) => comparable(parsePath(path).map(formatSegment).join('/')));
  const named = wanted.filter((path) => clues.some((clue) => clue.includes(path)));
  const longest = named.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? null : wanted.indexOf(longest);
}

function cluesOf(element: XmlElement, above: string): string[] {
  return element.children
    .flatMap((child) => {
      const item = child.attributes['item'];
      const path = `${above}/${child.name}${item === undefined ? '' : `[${item}]`}`;
      return [path, child.text, ...Object.values(child.attributes), ...cluesOf(child, path)];
    })
    .concat(above === '' ? [element.text, ...Object.values(element.attributes)] : []);
}

/** `Video Output Connector 1 Mode`, `/Video/Output/Connector[@item='1']/Mode` and `Video.Output.Connector[1].Mode` all alike, between slashes. */
function comparable(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/\[(?:@item\s*=\s*)?["']?(\d+)["']?\]/g, '/$1')
    .split(/[^a-z0-9_-]+/);
  return `/${words.filter((word) => word !== '').join('/')}/`;
}
