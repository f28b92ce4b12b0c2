import type { ApplyOutput } from '../../../../src/actions/apply.ts';
import type { ShownResult } from '../../../../src/actions/present.ts';
import { Fold, Rooms } from '../../parts/fold.tsx';
import { grouped } from '../../parts/groups.ts';
import { Badge, type Tone } from '../../parts/shown.tsx';
import { count } from '../../parts/words.ts';
import { Arrow, Place } from './change-text.tsx';

/** `40 written and proven, 2 waiting, 1 refused.` */
export function appliedText({ summary }: ApplyOutput): string {
  const { accepted, waiting, refused, notProven, failed, problems } = summary;
  const parts = [
    `${accepted} written and proven`,
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
    ...(refused === 0 ? [] : [`${refused} refused`]),
    ...(notProven === 0 ? [] : [`${notProven} not proven`]),
    ...(problems === 0 ? [] : [`${count(problems, 'problem')} not written`]),
    ...(failed === 0 ? [] : [`${count(failed, 'room')} not reached`]),
  ];
  return `${parts.join(', ')}.`;
}

/** What became of each change of an apply: what needs a person first. */
export function Applied({ answer, onClose }: { answer: ApplyOutput; onClose: () => void }) {
  const groups = grouped(
    answer.devices.flatMap(({ name, changes }) => changes.map((change) => ({ name, change }))),
    ({ change: { path, from, to, result, detail } }) => [path, from, to, result, detail],
  ).sort((one, other) => RANK[one.first.change.result] - RANK[other.first.change.result]);
  return (
    <section aria-labelledby="applied" class="panel">
      <h3 id="applied">What became of it</h3>
      <p>
        {appliedText(answer)} <span class="hint">Revision {answer.revision}</span>
      </p>
      <ul class="groups">
        {groups.map(({ key, first: { change }, items }) => (
          <li key={key}>
            <Fold
              head={
                <>
                  <Badge tone={TONE[change.result]}>{WORD[change.result]}</Badge>{' '}
                  <strong>{count(items.length, 'room')}</strong> <code>{change.path}</code>{' '}
                  <Arrow from={change.from} to={change.to} />
                  {change.detail !== null && <span class="hint"> {change.detail}</span>}
                  {change.remedy !== null && (
                    <span class="hint">
                      {' '}
                      <Place of={change.place} /> {change.remedy}
                    </span>
                  )}
                </>
              }
            >
              {() => <Rooms rooms={items.map(({ name }) => ({ name }))} />}
            </Fold>
          </li>
        ))}
      </ul>
      <button type="button" onClick={onClose}>
        I have read this
      </button>
    </section>
  );
}

type Result = ShownResult['result'];

const RANK: Readonly<Record<Result, number>> = {
  refused: 0,
  failed: 1,
  differs: 2,
  waiting: 3,
  held: 4,
  'accepted-unreadable': 5,
  accepted: 6,
};

const WORD: Readonly<Record<Result, string>> = {
  refused: 'refused',
  failed: 'failed',
  differs: 'not proven: holds something else',
  waiting: 'waiting',
  held: 'held',
  'accepted-unreadable': 'accepted, cannot be read back',
  accepted: 'accepted',
};

const TONE: Readonly<Record<Result, Tone>> = {
  refused: 'bad',
  failed: 'bad',
  differs: 'bad',
  waiting: 'warn',
  held: 'warn',
  'accepted-unreadable': 'good',
  accepted: 'good',
};
