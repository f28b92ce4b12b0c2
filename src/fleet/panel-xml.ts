import type { XmlElement } from '../lib/xml/element.ts';
import { writeXml } from '../lib/xml/writer.ts';
import type { LeafMap } from '../xapi/device.ts';
import { parsePath } from '../xapi/path.ts';
import { comparePaths } from './held-settings.ts';

interface Branch {
  text: string | null;
  readonly below: Map<string, Branch>;
}

/**
 * The leaves of a panel as the document that `Panel Save` takes, one element a
 * line so that differences are easy to read. Both transports give the same
 * text: names in the order of the alphabet, members of a list in that of their ids.
 */
export function panelXml(panel: LeafMap, version: string | null): string {
  const root = newBranch();
  for (const [path, text] of [...panel].sort(([a], [b]) => comparePaths(a, b))) place(root, path, text);
  return [
    '<Extensions>',
    ...(version === null ? [] : [`  ${writeXml({ name: 'Version', text: version })}`]),
    '  <Panel>',
    ...lines(root, 2),
    '  </Panel>',
    '</Extensions>',
    '',
  ].join('\n');
}

/** The same of a panel as a device exports it, whole: with its pages, rows and widgets. */
export function exportedPanelXml(panel: XmlElement): string {
  return ['<Extensions>', ...elementLines({ ...panel, name: 'Panel' }, 1), '</Extensions>', ''].join('\n');
}

/** Members of a list stay in their order; how a device orders other names says nothing. */
function elementLines({ name, children, text }: XmlElement, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (children.length === 0) return [indent + writeXml({ name, text: text.trim() })];
  const ordered = children.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  return [
    `${indent}<${name}>`,
    ...ordered.flatMap((child) => elementLines(child, depth + 1)),
    `${indent}</${name}>`,
  ];
}

function place(root: Branch, path: string, text: string): void {
  let branch = root;
  for (const { name, index } of parsePath(path)) {
    const key = index === null ? name : `${name}[${index}]`;
    const next = branch.below.get(key) ?? newBranch();
    branch.below.set(key, next);
    branch = next;
  }
  branch.text = text;
}

function lines(branch: Branch, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return [...branch.below].flatMap(([key, child]) => {
    const name = key.replace(/\[\d+\]$/, '');
    if (child.below.size === 0) return [indent + writeXml({ name, text: child.text ?? '' })];
    return [`${indent}<${name}>`, ...lines(child, depth + 1), `${indent}</${name}>`];
  });
}

function newBranch(): Branch {
  return { text: null, below: new Map() };
}
