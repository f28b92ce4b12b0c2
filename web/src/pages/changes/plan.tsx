import { useState } from 'preact/hooks';
import type { ApplyOutput } from '../../../../src/actions/apply.ts';
import type { Campaigns } from '../../../../src/actions/campaigns.ts';
import type { PlanOutput } from '../../../../src/actions/plan.ts';
import { ask } from '../../api.ts';
import { Act } from '../../parts/confirm.tsx';
import { Fold, Rooms } from '../../parts/fold.tsx';
import { Empty, Figure } from '../../parts/shown.tsx';
import { count } from '../../parts/words.ts';
import { mayOperate } from '../../session.ts';
import { clock, lasting } from '../../time.ts';
import { Applied, appliedText } from './applied.tsx';
import { ChangeGroups, Hints, Problems, Unread } from './findings.tsx';

interface PlanProps {
  readonly answer: PlanOutput;
  /** The selector of the rooms that were planned; null: all. */
  readonly devices: string | null;
  /** How a rollout would go; null where the file says nothing of it. */
  readonly next: Campaigns['next'];
  readonly isRollingOut: boolean;
  readonly reload: () => void;
}

/** The difference between file and rooms: equal changes together, those of most rooms first. */
export function Plan(props: PlanProps) {
  const { answer, devices } = props;
  const [applied, setApplied] = useState<ApplyOutput | null>(null);
  const { summary } = answer;
  const isNothing = summary.changes === 0 && summary.problems === 0;
  return (
    <section aria-labelledby="plan">
      <h2 id="plan">What differs from the file</h2>
      <div class="figures">
        <Figure
          value={summary.drift}
          word={differText(answer)}
          tone={summary.drift === 0 ? 'good' : 'warn'}
        />
        <Figure value={summary.changes} word="changes to write" />
        <Figure value={summary.inSync} word="rooms as the file says" tone="good" />
        <Figure
          value={summary.failed}
          word="rooms could not be read"
          tone={summary.failed === 0 ? 'calm' : 'bad'}
        />
        <Figure
          value={summary.problems}
          word="things the file asks that cannot be"
          tone={summary.problems === 0 ? 'calm' : 'bad'}
        />
      </div>
      {isNothing && (
        <p class="notice">
          <strong>{nothingText(answer, devices)}</strong>
        </p>
      )}
      {mayOperate.value && <Buttons {...props} onApplied={setApplied} />}
      {applied !== null && <Applied answer={applied} onClose={() => setApplied(null)} />}
      <ChangeGroups devices={answer.devices} />
      <Problems devices={answer.devices} />
      <Unread devices={answer.devices} />
      <Hints devices={answer.devices} />
      <Notes answer={answer} />
    </section>
  );
}

function differText({ summary: { drift, devices } }: PlanOutput): string {
  return `of ${count(devices, 'room')} ${drift === 1 ? 'differs' : 'differ'}`;
}

function nothingText({ summary: { devices, failed } }: PlanOutput, selector: string | null): string {
  const where = selector === null ? '' : ` of ${selector}`;
  if (devices === 0) return `Nothing is pending: no room${where} is written by an apply.`;
  if (failed === devices) return `Nothing is known: none of ${count(devices, 'room')}${where} could be read.`;
  const unread = failed === 0 ? '' : ` The ${failed} that could not be read may differ.`;
  return `Nothing is pending: every room${where} that was read is as the file says.${unread}`;
}

function Buttons({
  answer,
  devices,
  next,
  isRollingOut,
  reload,
  onApplied,
}: PlanProps & {
  onApplied: (answer: ApplyOutput) => void;
}) {
  const [isForced, setForced] = useState(false);
  const { summary, fingerprint } = answer;
  const isPending = summary.changes > 0;
  const rooms = count(summary.drift, 'room');
  const which = devices === null ? 'the whole fleet' : devices;
  return (
    <div class="buttons">
      <Act
        isOffered={isPending}
        label={`Apply to ${rooms}…`}
        title={`Apply to ${rooms} of ${which}?`}
        yes={`Write to ${rooms}`}
        act={async () => {
          const body = { devices, fingerprint, force: isForced && devices !== null };
          const told = await ask<ApplyOutput>('/apply', { body });
          onApplied(told);
          // The plan is another now, whether the answer is read yet or not.
          reload();
          return appliedText(told);
        }}
      >
        <p>
          The file’s state of {count(summary.devices, 'room')} ({which}) becomes the approved one, and{' '}
          {count(summary.changes, 'change')} {summary.changes === 1 ? 'is' : 'are'} written to {rooms} at
          once. Each is read back. Rooms in use wait until they are free. Keep this page open meanwhile.
        </p>
        {answer.protected.length > 0 && (
          <p>
            {count(answer.protected.length, 'protected room')} {answer.protected.length === 1 ? 'is' : 'are'}{' '}
            left out.
          </p>
        )}
        {isRollingOut && (
          <p class="notice warn">
            A rollout is under way. Rooms that are applied now are left out of it from then on.
          </p>
        )}
        {devices === null ? (
          next !== null && <p class="hint">A rollout writes to a few rooms first and watches them.</p>
        ) : (
          <label class="check">
            <input
              type="checkbox"
              checked={isForced}
              onChange={(event) => setForced(event.currentTarget.checked)}
            />
            Write to rooms in use, too: people there may notice
          </label>
        )}
      </Act>
      {next !== null && (
        <Act
          isOffered={isPending && !isRollingOut}
          label="Start a rollout…"
          title={`Roll out to ${rooms} of ${which}?`}
          yes="Start it"
          act={async () => {
            await ask('/rollout', { body: { devices, fingerprint } });
            return 'It has begun; this page shows how it goes.';
          }}
          onDone={reload}
        >
          <RolloutText next={next} />
        </Act>
      )}
      {next === null && isPending && (
        <span class="hint">
          To write to a few rooms first, give the file a section <code>rollout</code>.
        </span>
      )}
    </div>
  );
}

function RolloutText({ next: { rings, soakMs, confirmWithinMs } }: { next: NonNullable<Campaigns['next']> }) {
  return (
    <>
      <p>Ring by ring; each must hold for {lasting(soakMs)} before the next begins:</p>
      <ol>
        {rings.map((ring) => (
          <li key={ring}>{ring}</li>
        ))}
        <li>all others</li>
      </ol>
      <p>
        Where too many rooms fail, everything is put back.
        {confirmWithinMs !== null &&
          ` At the end a person must approve it within ${lasting(confirmWithinMs)}, else it is put back.`}
      </p>
    </>
  );
}

function Notes({ answer: { retired, protected: untouched, devices, summary } }: { answer: PlanOutput }) {
  const [oldest] = devices.flatMap(({ asOf }) => (asOf?.by === 'session' ? [asOf.at] : [])).sort();
  return (
    <>
      <LeftOut rooms={retired} why="retired" />
      <LeftOut rooms={untouched} why="protected" />
      {devices.length + retired.length + untouched.length === 0 ? (
        <Empty>The fleet file names no device yet.</Empty>
      ) : (
        <p class="hint">
          {count(summary.untouched, 'setting')} of the file already {summary.untouched === 1 ? 'is' : 'are'}{' '}
          as wanted.
          {oldest !== undefined && ` As of ${clock(oldest)} at the earliest, kept current by the sessions.`}
        </p>
      )}
    </>
  );
}

/** Rooms that are written only where the selector calls them by name. */
function LeftOut({ rooms, why }: { rooms: readonly string[]; why: string }) {
  if (rooms.length === 0) return null;
  const head = `${count(rooms.length, 'room')} left out because ${rooms.length === 1 ? 'it is' : 'they are'} ${why}; named in the field Rooms, ${rooms.length === 1 ? 'it takes' : 'they take'} part`;
  return <Fold head={head}>{() => <Rooms rooms={rooms.map((name) => ({ name }))} />}</Fold>;
}
