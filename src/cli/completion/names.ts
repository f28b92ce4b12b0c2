import { diskFiles } from '../../fleet/file/fleet-files.ts';
import { readFleetTree } from '../../fleet/file/include.ts';
import { type FileNode, nodeAt } from '../../fleet/file/tree.ts';

/**
 * What `roomd complete KIND [FILE]` prints, which the scripts call and nobody
 * types: names of the fleet file for a shell that completes a word: read as it is
 * written, unchecked, so that it is fast and a file that is being mended helps,
 * too. Nothing where there is no file.
 * @param kind `devices`, `macros`, or `selector`: devices and tags as a selector takes them
 */
export async function namesIn(kind: string, file = 'fleet.yaml'): Promise<string[]> {
  const { yaml } = await readFleetTree(file, { files: diskFiles, judgeVersion: () => null });
  if (yaml === null) return [];
  const { root } = yaml;
  switch (kind) {
    case 'devices':
      return namesOf(root, 'devices');
    case 'macros':
      return namesOf(root, 'macros');
    case 'selector':
      return [...namesOf(root, 'devices'), ...tagsOf(root)];
    default:
      return [];
  }
}

function namesOf(root: FileNode, section: string): string[] {
  return itemsOf(nodeAt(root, [section])).flatMap((item) => textOf(nodeAt(item, ['name'])));
}

/** `site=oslo`, of devices, and of layers, which give theirs to several. */
function tagsOf(root: FileNode): string[] {
  const holders = ['devices', 'layers', 'profiles'].flatMap((section) => itemsOf(nodeAt(root, [section])));
  const tags = [root, ...holders].flatMap((holder) => {
    const node = nodeAt(holder, holder === root ? ['defaults', 'tags'] : ['tags']);
    if (node?.kind !== 'map') return [];
    return [...node.entries].flatMap(([key, entry]) => textOf(entry.node).map((value) => `${key}=${value}`));
  });
  return [...new Set(tags)].filter((tag) => !/\s/.test(tag)).sort();
}

function itemsOf(node: FileNode | undefined): readonly FileNode[] {
  if (node?.kind === 'list') return node.items;
  return node?.kind === 'map' ? [...node.entries.values()].map((entry) => entry.node) : [];
}

function textOf(node: FileNode | undefined): string[] {
  return node?.kind === 'scalar' && node.text !== '' ? [node.text] : [];
}
