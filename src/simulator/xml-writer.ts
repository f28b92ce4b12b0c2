import { childrenOf, itemsOf, type JsonTree, type Leaf, type TreeNode } from './node-tree.ts';

const HEAD = '<?xml version="1.0"?>\n';

/** Text as an element's content. Control characters pass: devices send them too (HL). */
export function escapeXml(text: string): string {
  return /[&<>"]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    : text;
}

/** A document with the root attributes that every answer of the device carries (VN). */
export function xmlDocument(
  root: string,
  identity: { product: string; software: string },
  inner: string,
): string {
  const attributes = ` product="${escapeXml(identity.product)}" version="${escapeXml(identity.software)}" apiVersion="4"`;
  return inner === ''
    ? `${HEAD}<${root}${attributes}/>\n`
    : `${HEAD}<${root}${attributes}>\n${inner}</${root}>\n`;
}

/** A document whose root has no attributes, such as the answer to putxml. */
export function plainDocument(root: string, inner: string): string {
  return inner === '' ? `${HEAD}<${root}/>\n` : `${HEAD}<${root}>\n${inner}</${root}>\n`;
}

export interface TreeStyle {
  /** `maxOccurrence` of list members: their number in configuration, "n" in status (VN, AV). */
  readonly occurrence: 'count' | 'n';
  /** The text of a leaf, escaped. */
  readonly textOf: (leaf: Leaf) => string;
}

export const STATUS_STYLE: TreeStyle = { occurrence: 'n', textOf: leafText };
export const CONFIGURATION_STYLE: TreeStyle = { occurrence: 'count', textOf: leafText };

function leafText(leaf: Leaf): string {
  return escapeXml(String(leaf.value));
}

/** The elements of a node's children. */
export function writeChildren(node: TreeNode, style: TreeStyle, indent = '  '): string {
  let text = '';
  for (const [name, child] of childrenOf(node)) text += writeNode(name, child, style, indent);
  return text;
}

/** One element, or one for each member of a list. */
function writeNode(name: string, node: TreeNode, style: TreeStyle, indent: string): string {
  if (node.items.size === 0) return writeElement(name, '', node, style, indent);
  const most = style.occurrence === 'n' ? 'n' : String(node.items.size);
  let text = '';
  for (const [id, item] of itemsOf(node))
    text += writeElement(name, ` item="${id}" maxOccurrence="${most}"`, item, style, indent);
  return text;
}

/** The result of a command: objects are elements, members of lists carry their id as `item`. */
export function writeJson(tree: JsonTree, indent: string): string {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return '';
  let text = '';
  for (const [name, value] of Object.entries(tree)) {
    if (name === 'id' || name === 'status') continue;
    if (!Array.isArray(value)) text += writeJsonElement(name, '', value, indent);
    else
      value.forEach((item, at) => {
        text += writeJsonElement(name, ` item="${idOf(item) ?? at + 1}" maxOccurrence="n"`, item, indent);
      });
  }
  return text;
}

function writeElement(
  name: string,
  attributes: string,
  node: TreeNode,
  style: TreeStyle,
  indent: string,
): string {
  const { leaf } = node;
  if (leaf === null)
    return `${indent}<${name}${attributes}>\n${writeChildren(node, style, `${indent}  `)}${indent}</${name}>\n`;
  const space = leaf.valueSpaceRef === undefined ? '' : ` valueSpaceRef="/Valuespace/${leaf.valueSpaceRef}"`;
  return `${indent}<${name}${attributes}${space}>${style.textOf(leaf)}</${name}>\n`;
}

function writeJsonElement(name: string, attributes: string, value: JsonTree, indent: string): string {
  if (typeof value !== 'object' || value === null)
    return `${indent}<${name}${attributes}>${escapeXml(String(value ?? ''))}</${name}>\n`;
  const inner = writeJson(value, `${indent}  `);
  return `${indent}<${name}${attributes}>\n${inner}${indent}</${name}>\n`;
}

function idOf(item: JsonTree): number | null {
  return typeof item === 'object' && item !== null && !Array.isArray(item) && typeof item['id'] === 'number'
    ? item['id']
    : null;
}
