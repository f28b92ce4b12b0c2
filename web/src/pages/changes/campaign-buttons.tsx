import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Campaigns } from '../../../../src/actions/campaigns.ts';
import { ask } from '../../api.ts';
import { Act } from '../../parts/confirm.tsx';
import { count } from '../../parts/words.ts';

type Rollout = NonNullable<Campaigns['rollout']>;
type Kind = 'rollout' | 'upgrade' | 'rotation';

interface Stand {
  readonly state: string;
  readonly paused: boolean;
}

interface ButtonsProps {
  readonly kind: Kind;
  readonly campaign: Stand;
  /** What pausing and ending it would mean. */
  readonly pauseText?: string;
  readonly abortText?: string;
  readonly reload: () => void;
}

/** A person's words to what is under way; which of them make sense is by its state. */
export function CampaignButtons(props: ButtonsProps) {
  return (
    <div class="buttons">
      <CommonButtons {...props} />
    </div>
  );
}

function CommonButtons({
  kind,
  campaign: { state, paused },
  pauseText = 'No further room begins; those in the middle go on to their end.',
  abortText = 'No further room begins, for good; those in the middle go on to their end.',
  reload,
}: ButtonsProps) {
  const isGoing = state === 'running' || state === 'catching-up';
  return (
    <>
      <Word
        kind={kind}
        verb="pause"
        label="Pause…"
        yes="Pause it"
        isOffered={isGoing && !paused}
        hasReason
        reload={reload}
      >
        {pauseText}
      </Word>
      <Word kind={kind} verb="resume" label="Resume…" yes="Go on" isOffered={paused} reload={reload}>
        Rooms whose turn it is begin again.
      </Word>
      <Word
        kind={kind}
        verb="abort"
        label="Abort…"
        yes="End it"
        isOffered={isGoing || state === 'confirming'}
        isGrave
        hasReason
        reload={reload}
      >
        {abortText}
      </Word>
    </>
  );
}

export function RolloutButtons({ rollout, reload }: { rollout: Rollout; reload: () => void }) {
  const { state, confirmBy, endedAt, revisionBefore, rings } = rollout;
  const devices = rings.flatMap((ring) => ring.devices);
  const written = count(devices.filter(({ writtenAt }) => writtenAt !== null).length, 'room');
  const left = count(devices.filter(({ state }) => state === 'pending').length, 'room');
  const mayRevert = ['running', 'catching-up', 'confirming', 'done', 'aborted'].includes(state);
  return (
    <div class="buttons">
      <Word
        kind="rollout"
        verb="approve"
        label="Approve…"
        yes="Keep it"
        isOffered={confirmBy !== null && endedAt === null}
        reload={reload}
      >
        What was written to {written} stays for good; it is not put back by itself any more.
      </Word>
      <CommonButtons
        kind="rollout"
        campaign={rollout}
        pauseText={`No further room begins: ${left} not reached yet. What was written to ${written} is still watched, and put back where too many fail.`}
        abortText={`It ends: what was written to ${written} stays, and ${left} not reached yet keep what they had. Nothing is put back.`}
        reload={reload}
      />
      <Word
        kind="rollout"
        verb="revert"
        label="Put back…"
        yes="Put it back"
        isOffered={mayRevert}
        isGrave
        hasReason
        reload={reload}
      >
        What it has written to {written} is put back to what was approved before
        {revisionBefore !== null && ` (revision ${revisionBefore})`}, as a new revision; nothing changes in{' '}
        {left} not reached yet. Rooms in use are put back once they are free. The file is not changed: until
        it is, the same changes are pending again.
      </Word>
    </div>
  );
}

function Word({
  kind,
  verb,
  label,
  yes,
  children,
  isOffered = true,
  isGrave = false,
  hasReason = false,
  reload,
}: {
  kind: Kind;
  verb: 'approve' | 'pause' | 'resume' | 'abort' | 'revert';
  label: string;
  yes: string;
  children: ComponentChildren;
  isOffered?: boolean;
  isGrave?: boolean;
  hasReason?: boolean;
  reload: () => void;
}) {
  const [reason, setReason] = useState('');
  return (
    <Act
      label={label}
      title={`${label.replace('…', '')} the ${kind}?`}
      yes={yes}
      isGrave={isGrave}
      isOffered={isOffered}
      act={async () => {
        const given = reason.trim();
        await ask(`/${kind}/${verb}`, { body: given === '' ? {} : { reason: given } });
        reload();
        return DONE[verb];
      }}
    >
      <p>{children}</p>
      {hasReason && (
        <label>
          Why, for whoever wonders
          <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
    </Act>
  );
}

const DONE = {
  approve: 'It is approved.',
  pause: 'It is paused.',
  resume: 'It goes on.',
  abort: 'It ends.',
  revert: 'What was written is being put back.',
} as const;
