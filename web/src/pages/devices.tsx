import { useMemo } from 'preact/hooks';
import type { ShownDevice } from '../../../src/actions/shown-device.ts';
import { useLoaded } from '../loaded.ts';
import { Choice } from '../parts/choice.tsx';
import { Badge, DeviceLink, Empty, Shown, type Tone } from '../parts/shown.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { tagText } from '../parts/words.ts';
import { search, setSearch } from '../route.ts';

/** What a row needs. */
const FIELDS = [
  'name',
  'host',
  'kind',
  'tags',
  'product',
  'software',
  'session',
  'drift',
  'configuration',
  'slot',
  'presence',
  'inCall',
  'held',
  'protected',
  'fights',
  'retired',
  'maintenance',
] as const satisfies readonly (keyof ShownDevice)[];

type Row = Pick<ShownDevice, (typeof FIELDS)[number]>;

const CONDITIONS = {
  trouble: { title: 'in trouble', is: (device: Row) => isInTrouble(device) },
  drift: { title: 'differs from the file', is: (device: Row) => (device.drift ?? 0) > 0 },
  'in-use': { title: 'in use', is: (device: Row) => isInUse(device) },
  unknown: {
    title: 'presence not known',
    is: (device: Row) => device.presence.state === 'unknown' && device.retired === null,
  },
  held: { title: 'held or protected', is: (device: Row) => device.held !== null || device.protected },
  maintenance: { title: 'in maintenance', is: (device: Row) => device.maintenance !== null },
  retired: { title: 'retired', is: (device: Row) => device.retired !== null },
} as const;

type Condition = keyof typeof CONDITIONS;

/** Every room: scrolled, sorted and filtered here at once, the filters kept in the address. */
export function Devices() {
  const list = useLoaded<{ items: readonly Row[] }>(`/devices?limit=5000&fields=${FIELDS.join(',')}`, {
    when: ({ kind }) => kind !== 'macro-log',
    everyMs: 60_000,
  });
  return (
    <>
      <h1>Devices</h1>
      <Shown of={list}>{({ items }) => <Rooms all={items} />}</Shown>
    </>
  );
}

function Rooms({ all }: { all: readonly Row[] }) {
  const text = search.value.get('q') ?? '';
  const is = search.value.get('is');
  const software = search.value.get('software');
  const tag = search.value.get('tag');
  const sort = search.value.get('sort') ?? 'name';
  const haystacks = useMemo(() => new Map(all.map((device) => [device, haystackOf(device)])), [all]);
  const rows = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const condition = is !== null && is in CONDITIONS ? CONDITIONS[is as Condition] : null;
    const found = all.filter(
      (device) =>
        (condition === null || condition.is(device)) &&
        (software === null || device.software === software) &&
        (tag === null || Object.entries(device.tags).some(([key, value]) => `${key}=${value}` === tag)) &&
        words.every((word) => haystacks.get(device)?.includes(word) === true),
    );
    return sorted(found, sort);
  }, [all, haystacks, text, is, software, tag, sort]);
  const tags = useMemo(
    () =>
      unique(all.flatMap((device) => Object.entries(device.tags).map(([key, value]) => `${key}=${value}`))),
    [all],
  );
  const versions = useMemo(() => unique(all.flatMap(({ software }) => software ?? [])), [all]);
  if (all.length === 0) return <Empty>The fleet file names no device yet.</Empty>;
  return (
    <>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Find
          <input
            type="search"
            value={text}
            placeholder="name, address, product, tag"
            onInput={(event) => setSearch({ q: event.currentTarget.value })}
          />
        </label>
        <Choice
          label="That are"
          value={is}
          all="anything"
          of={Object.entries(CONDITIONS).map(([key, { title }]) => [key, title])}
          set={(value) => setSearch({ is: value })}
        />
        <Choice
          label="Tag"
          value={tag}
          all="any"
          of={tags.map((each) => [each, each])}
          set={(value) => setSearch({ tag: value })}
        />
        <Choice
          label="Software"
          value={software}
          all="any"
          of={versions.map((each) => [each, each])}
          set={(value) => setSearch({ software: value })}
        />
        <output aria-live="polite">
          {rows.length === all.length ? `${all.length} devices` : `${rows.length} of ${all.length} devices`}
        </output>
      </form>
      {rows.length === 0 ? (
        <Empty>
          No device is like that.{' '}
          <button
            type="button"
            class="plain"
            onClick={() => setSearch({ q: null, is: null, tag: null, software: null })}
          >
            Take the filters off
          </button>
        </Empty>
      ) : (
        <Table
          label="Devices"
          rows={rows}
          columns={COLUMNS}
          keyOf={({ name }) => name}
          sort={sort}
          onSort={(next) => setSearch({ sort: next === 'name' ? null : next })}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'name',
    title: 'Name',
    width: 'minmax(9rem, 1.4fr)',
    sortable: true,
    cell: ({ name }) => <DeviceLink name={name} />,
  },
  {
    key: 'session',
    title: 'Session',
    width: 'minmax(10rem, 1fr)',
    sortable: true,
    cell: ({ session }) => (
      <Badge tone={SESSION_TONE[session.word] ?? 'info'}>
        <span title={session.reason ?? ''}>{session.word}</span>
      </Badge>
    ),
  },
  {
    key: 'presence',
    title: 'Room',
    width: 'minmax(7rem, 1fr)',
    sortable: true,
    cell: (device) => <Presence device={device} />,
  },
  {
    key: 'drift',
    title: 'Configuration',
    width: 'minmax(9rem, 1fr)',
    sortable: true,
    isMinor: true,
    cell: ({ drift, configuration }) => {
      const text = configurationText(drift, configuration.state);
      if (configuration.problems.length > 0) return <Badge tone="warn">{text}</Badge>;
      return drift !== null && drift > 0 ? <Badge tone="info">{text}</Badge> : text;
    },
  },
  {
    key: 'slot',
    title: 'Webhook',
    width: '6rem',
    sortable: true,
    isMinor: true,
    cell: ({ slot }) => (slot.state === 'failed' ? <Badge tone="warn">failed</Badge> : slot.state),
  },
  {
    key: 'product',
    title: 'Product',
    width: 'minmax(8rem, 1.5fr)',
    sortable: true,
    isMinor: true,
    cell: ({ product }) => product ?? '',
  },
  {
    key: 'software',
    title: 'Software',
    width: 'minmax(12.5rem, 1.4fr)',
    sortable: true,
    isMinor: true,
    cell: ({ software }) => software ?? '',
  },
  {
    key: 'tags',
    title: 'Tags',
    width: 'minmax(8rem, 1.5fr)',
    isMinor: true,
    cell: ({ tags }) => tagText(tags),
  },
];

export const SESSION_TONE: Readonly<Record<string, Tone>> = {
  up: 'good',
  connecting: 'info',
  degraded: 'warn',
  unreachable: 'bad',
  refused: 'bad',
  'certificate-changed': 'bad',
  swapped: 'bad',
  'in-maintenance': 'info',
  off: 'calm',
};

export function Presence({
  device: { presence, inCall },
}: {
  device: Pick<ShownDevice, 'presence' | 'inCall'>;
}) {
  if (inCall === true) return <Badge tone="info">in a call</Badge>;
  if (presence.state === 'unknown') return <Badge tone="warn">not known</Badge>;
  if (presence.state === 'no') return <Badge tone="calm">empty</Badge>;
  return (
    <Badge tone="info">
      {presence.count === null || presence.count < 1 ? 'occupied' : `${presence.count} there`}
    </Badge>
  );
}

export function configurationText(drift: number | null, state: string): string {
  if (drift === null) return state === 'unchecked' ? 'not looked at' : 'not known';
  if (drift > 0) return drift === 1 ? '1 differs' : `${drift} differ`;
  return state === 'in-sync' ? 'as wanted' : state;
}

function isInTrouble({ session, slot, configuration, fights, retired, maintenance }: Row): boolean {
  if (retired !== null || maintenance !== null) return false;
  const tone = SESSION_TONE[session.word];
  return (
    tone === 'bad' ||
    tone === 'warn' ||
    slot.state === 'failed' ||
    configuration.problems.length > 0 ||
    fights.length > 0
  );
}

function isInUse({ presence, inCall, retired }: Row): boolean {
  return retired === null && (presence.state === 'yes' || inCall === true);
}

function haystackOf({ name, host, kind, product, software, tags }: Row): string {
  return [name, host, kind, product, software, ...Object.values(tags)]
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

const SORT_BY: Readonly<Record<string, (device: Row) => string | number>> = {
  session: ({ session }) => (SESSION_TONE[session.word] === 'good' ? 1 : 0) + session.word,
  presence: ({ presence, inCall }) =>
    inCall === true ? '0' : presence.state === 'yes' ? '1' : presence.state,
  drift: ({ drift }) => drift ?? -1,
  slot: ({ slot }) => slot.state,
  product: ({ product }) => product ?? '',
  software: ({ software }) => software ?? '',
};

const BY_NAME = new Intl.Collator(undefined, { numeric: true });

function sorted(devices: readonly Row[], sort: string): readonly Row[] {
  const isDown = sort.startsWith('-');
  const by = SORT_BY[isDown ? sort.slice(1) : sort];
  const compared = devices.toSorted((a, b) => {
    const byName = BY_NAME.compare(a.name, b.name);
    if (by === undefined) return byName;
    const [left, right] = [by(a), by(b)];
    if (typeof left === 'number' && typeof right === 'number') return left - right || byName;
    return BY_NAME.compare(String(left), String(right)) || byName;
  });
  return isDown ? compared.toReversed() : compared;
}
