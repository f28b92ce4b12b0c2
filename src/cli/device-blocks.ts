import { nameDevices } from '../fleet/lint/lint-text.ts';
import type { Terminal } from './terminal.ts';

/** What is told of one device, apart from its name. */
export interface Block {
  readonly name: string;
  /** What stands behind the name, or behind the names of several devices. */
  readonly tail: (isOfMany: boolean) => string;
  readonly body: readonly string[];
  /** Whether it may be told together with others that have the same lines. */
  readonly mayJoin: boolean;
}

export interface ToldHow {
  /** Each device by itself, however many there are. */
  readonly all?: boolean;
}

/** With so many devices each is told by itself; with more, those that have the same lines are told together. */
const MOST_APART = 20;

/** The lines of all devices, in their order; alike ones stand where the first of them does. */
export function blockLines(
  blocks: readonly Block[],
  { style }: Pick<Terminal, 'style'>,
  { all = false }: ToldHow,
): string[] {
  const areApart = all || blocks.length <= MOST_APART;
  const groups = new Map<string, [Block, ...Block[]]>();
  for (const block of blocks) {
    const { name, tail, body, mayJoin } = block;
    const key = JSON.stringify(areApart || !mayJoin ? [name] : [tail(false), ...body]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [block]);
    else group.push(block);
  }
  const lines = [...groups.values()].flatMap((group) => {
    const [{ tail, body }] = group;
    const who = nameDevices(group.map(({ name }) => name));
    return [`${style('bold', who)}${tail(group.length > 1)}`, ...body];
  });
  if (groups.size === blocks.length) return lines;
  return [
    ...lines,
    style('dim', 'Devices with the same lines are told together; --all tells each by itself.'),
  ];
}
