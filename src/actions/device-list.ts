import { z } from 'zod';
import { suggesting } from '../lib/suggest.ts';
import { ActionError } from './action.ts';
import { SessionWordAnswer } from './answers.ts';
import type { SortPlace } from './cursor.ts';
import type { DeviceView } from './ports.ts';
import { ConfigurationState } from './shown-device.ts';

const STATES: readonly string[] = [...SessionWordAnswer.options, ...ConfigurationState.options];

/** How a list of devices is narrowed besides by its selector; all that is given must hold. */
export const DeviceFilter = z.strictObject({
  state: z
    .string()
    .nullable()
    .default(null)
    .describe(
      `Words of which one must hold, with commas between them. Of the session: ${SessionWordAnswer.options.join(', ')}. Of the configuration: ${ConfigurationState.options.join(', ')}.`,
    ),
  software: z
    .string()
    .nullable()
    .default(null)
    .describe('Versions or how they begin, with commas between them, such as `26.4` or `ce26.4.1.0a1b2c3`.'),
  drift: z
    .enum(['yes', 'no', 'unknown'])
    .nullable()
    .default(null)
    .describe(
      'Whether settings differ from the file; `unknown`: nobody has looked yet, or it does not answer.',
    ),
  kind: z.string().nullable().default(null).describe('Kinds, with commas between them.'),
  product: z.string().nullable().default(null).describe('Products, with commas between them.'),
  text: z
    .string()
    .max(200)
    .nullable()
    .default(null)
    .describe('Somewhere in name, address, product, software, serial number, kind or tags.'),
});

/** @throws ActionError `bad-input` */
export function sifted(
  views: readonly DeviceView[],
  { state, software, drift, kind, product, text }: z.output<typeof DeviceFilter>,
): readonly DeviceView[] {
  const states = statesIn(state);
  const [kinds, products, versions] = [wordsIn(kind), wordsIn(product), wordsIn(software)];
  const wanted = text?.trim().toLowerCase() ?? '';
  return views.filter(
    (view) =>
      (states === null || states.has(view.session.word) || states.has(view.configuration.state)) &&
      (kinds === null || kinds.includes(view.kind ?? '')) &&
      (products === null || products.includes(view.product ?? '')) &&
      (versions === null || versions.some((version) => runs(view, version))) &&
      (drift === null || drift === driftOf(view)) &&
      (wanted === '' || holds(view, wanted)),
  );
}

function statesIn(text: string | null): ReadonlySet<string> | null {
  const words = wordsIn(text);
  const unknown = words?.find((word) => !STATES.includes(word));
  if (unknown !== undefined)
    throw new ActionError(
      'bad-input',
      suggesting(`state: "${unknown}" is none of ${STATES.join(', ')}`, unknown, STATES),
    );
  return words === null ? null : new Set(words);
}

function wordsIn(text: string | null): readonly string[] | null {
  return text?.split(',').map((word) => word.trim()) ?? null;
}

/** `26.4` is every `ce26.4.…`, and not `ce26.40`. */
function runs({ software }: DeviceView, version: string): boolean {
  if (software === null) return false;
  return `${bare(software)}.`.startsWith(`${bare(version)}.`);
}

/** Without the letters of the branch. */
function bare(text: string): string {
  return text.replace(/^[A-Za-z]+(?=\d)/, '').toLowerCase();
}

function driftOf({ drift }: DeviceView): 'yes' | 'no' | 'unknown' {
  if (drift === null) return 'unknown';
  return drift > 0 ? 'yes' : 'no';
}

function holds(view: DeviceView, wanted: string): boolean {
  const { name, host, product, software, serial, kind, tags } = view;
  return [name, host, product, software, serial, kind, ...Object.values(tags)].some(
    (part) => part?.toLowerCase().includes(wanted) === true,
  );
}

const SORTED_BY: Readonly<Record<string, (view: DeviceView) => SortPlace[0]>> = {
  name: ({ name }) => name,
  host: ({ host }) => host,
  kind: ({ kind }) => kind,
  product: ({ product }) => product,
  software: ({ software }) => software,
  serial: ({ serial }) => serial,
  session: ({ session }) => session.word,
  since: ({ session }) => session.since,
  drift: ({ drift }) => drift,
  state: ({ configuration }) => configuration.state,
  checkedAt: ({ configuration }) => configuration.checkedAt,
  presence: ({ presence }) => presence.state,
  slot: ({ slot }) => slot.state,
};

export const SortOrder = z
  .string()
  .default('name')
  .describe(
    `${Object.keys(SORTED_BY).join(', ')}, or a tag such as \`tags.site\`; \`-\` in front turns it around. What is not known comes last either way.`,
  );

export interface Order {
  readonly of: (view: DeviceView) => SortPlace[0];
  readonly isDescending: boolean;
}

/** @throws ActionError `bad-input` */
export function readSort(text: string): Order {
  const isDescending = text.startsWith('-');
  const key = isDescending ? text.slice(1) : text;
  const tag = /^tags\.(.+)$/.exec(key)?.[1];
  if (tag !== undefined)
    return { of: ({ tags }) => (Object.hasOwn(tags, tag) ? (tags[tag] ?? null) : null), isDescending };
  const of = Object.hasOwn(SORTED_BY, key) ? SORTED_BY[key] : undefined;
  if (of === undefined)
    throw new ActionError(
      'bad-input',
      suggesting(`sort: nothing is sorted by "${key}"`, key, Object.keys(SORTED_BY)),
    );
  return { of, isDescending };
}

/** In order, from behind a place on; a device that changes between two pages may be missed or come again, no other. */
export function sorted(
  views: readonly DeviceView[],
  { of, isDescending }: Order,
  after: SortPlace | null,
): readonly DeviceView[] {
  const places = views.map((view) => ({ view, place: [of(view), view.name] as const }));
  const compare = (one: SortPlace, other: SortPlace): number => inOrder(one, other, isDescending);
  return places
    .filter(({ place }) => after === null || compare(place, after) > 0)
    .sort((one, other) => compare(one.place, other.place))
    .map(({ view }) => view);
}

function inOrder([value, name]: SortPlace, [other, otherName]: SortPlace, isDescending: boolean): number {
  if (value === other) return name < otherName ? -1 : Number(name > otherName);
  if (value === null) return 1;
  if (other === null) return -1;
  return value < other === isDescending ? 1 : -1;
}
