import { z } from 'zod';
import type { Action } from './action.ts';
import { allOf } from './answers.ts';
import { NoInput } from './campaign.ts';

const ShownTag = z.strictObject({
  tag: z.string(),
  value: z.string(),
  devices: z.int(),
});
export type ShownTag = z.output<typeof ShownTag>;

const TagList = allOf(ShownTag);
export type TagList = z.output<typeof TagList>;

/** What a selector can choose by. */
export const listTags: Action<NoInput, TagList> = {
  name: 'tags',
  summary: 'The tags that devices have, each value with how many devices have it.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/tags' },
  input: NoInput,
  answer: TagList,
  run(_input, ports) {
    const counts = new Map<string, ShownTag>();
    for (const { tags } of ports.fleet().devices)
      for (const [tag, value] of Object.entries(tags)) {
        const key = JSON.stringify([tag, value]);
        counts.set(key, { tag, value, devices: (counts.get(key)?.devices ?? 0) + 1 });
      }
    const items = [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, shown]) => shown);
    return Promise.resolve({ items, nextCursor: null });
  },
};
