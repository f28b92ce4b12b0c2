import { Fold, Rooms } from '../../parts/fold.tsx';
import { grouped } from '../../parts/groups.ts';
import { Badge, Since, type Tone } from '../../parts/shown.tsx';
import { count } from '../../parts/words.ts';
import { clock } from '../../time.ts';

interface RingDevice {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly nextLookAt: string | null;
  readonly soaksUntil?: string | null;
}

interface Ring {
  readonly name: string;
  readonly begun: boolean;
  readonly begunAt: string | null;
  readonly devices: readonly RingDevice[];
}

/** Rings in their order, how far each is, and what its rooms do or wait for. */
export function Rings({ rings, isOver }: { rings: readonly Ring[]; isOver: boolean }) {
  return (
    <ol class="rings">
      {rings.map((ring) => (
        <li key={ring.name}>
          <RingShown ring={ring} isOver={isOver} />
        </li>
      ))}
    </ol>
  );
}

function RingShown({ ring: { name, begun, begunAt, devices }, isOver }: { ring: Ring; isOver: boolean }) {
  const settled = devices.filter(({ state }) => !UNSETTLED.has(state)).length;
  return (
    <>
      <h3>
        {name}
        <span class="tags">
          {begun ? 'begun' : 'not begun'}{' '}
          {begunAt !== null && (
            <>
              <Since at={begunAt} /> ago
            </>
          )}
        </span>
      </h3>
      <p class="progress">
        <progress value={settled} max={Math.max(1, devices.length)} aria-label={`Ring ${name}`} />
        {settled} of {count(devices.length, 'room')} through
      </p>
      <ul class="groups">
        {grouped(devices, ({ state, reason }) => [state, reason]).map(({ key, first, items }) => (
          <li key={key}>
            <Fold
              head={
                <>
                  <Badge tone={TONE[first.state] ?? 'info'}>{wordOf(first, isOver)}</Badge>{' '}
                  <strong>{count(items.length, 'room')}</strong>
                  {first.reason !== null && `: ${first.reason}`}
                </>
              }
            >
              {() => <Rooms rooms={items.map((device) => ({ name: device.name, note: whenOf(device) }))} />}
            </Fold>
          </li>
        ))}
      </ul>
    </>
  );
}

function whenOf({ soaksUntil, nextLookAt }: RingDevice): string {
  const parts = [
    ...(soaksUntil === null || soaksUntil === undefined ? [] : [`watched until ${clock(soaksUntil)}`]),
    ...(nextLookAt === null ? [] : [`looked at next at ${clock(nextLookAt)}`]),
  ];
  return parts.join(', ');
}

/** Something is yet to be done to it, or seen of it. */
const UNSETTLED = new Set([
  'pending',
  'applying',
  'soaking',
  'setting',
  'waiting',
  'unknown',
  'to-revert',
  'reverting',
]);

function wordOf({ state, reason }: RingDevice, isOver: boolean): string {
  if (state === 'pending' && isOver) return 'not reached';
  if (state === 'pending' && reason !== null) return 'waits';
  return WORD[state] ?? state;
}

const WORD: Readonly<Record<string, string>> = {
  pending: 'its turn has not come',
  applying: 'being written',
  setting: 'being set',
  soaking: 'written, being watched',
  passed: 'held',
  off: 'does not answer; gets its turn when it is back',
  'needs-bootstrap': 'needs a person',
  'left-out': 'left out',
  'to-revert': 'to be put back',
  reverting: 'being put back',
  reverted: 'put back',
  'revert-later': 'put back once it is free',
};

const TONE: Readonly<Record<string, Tone>> = {
  pending: 'calm',
  'left-out': 'calm',
  passed: 'good',
  accepted: 'good',
  failed: 'bad',
  off: 'warn',
  waiting: 'warn',
  unknown: 'warn',
  'needs-bootstrap': 'bad',
  'to-revert': 'warn',
  reverting: 'warn',
  reverted: 'warn',
  'revert-later': 'warn',
};
