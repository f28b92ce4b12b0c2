import type { Campaigns as CampaignsAnswer } from '../../../../src/actions/campaigns.ts';
import { Badge, Empty, Since, type Tone } from '../../parts/shown.tsx';
import { count } from '../../parts/words.ts';
import { mayOperate } from '../../session.ts';
import { clock } from '../../time.ts';
import { CampaignButtons, RolloutButtons } from './campaign-buttons.tsx';
import { Rings } from './rings.tsx';

type Rollout = NonNullable<CampaignsAnswer['rollout']>;

/** Whether anything goes over the fleet now. */
export function isUnderWay({ rollout, upgrade, rotation }: CampaignsAnswer): boolean {
  return [rollout, upgrade, rotation].some((campaign) => campaign !== null && campaign.endedAt === null);
}

/** At the head of the page: what goes over the fleet now, and the way to it. */
export function UnderWay({ answer: { rollout, upgrade, rotation } }: { answer: CampaignsAnswer }) {
  const going = [
    ['rollout', 'A rollout is under way', rollout],
    ['upgrade', 'A software upgrade is under way', upgrade],
    ['rotation', 'The rotation of a login is under way', rotation],
  ] as const;
  return (
    <>
      {going.map(
        ([id, text, campaign]) =>
          campaign !== null &&
          campaign.endedAt === null && (
            <div key={id} class="notice">
              <span>
                {text}
                {campaign.paused && ', and paused'}
                {campaign.state === 'confirming' && ', and waits for a person to approve it'}.
              </span>
              <a href={`#${id}`}>See how it goes</a>
            </div>
          ),
      )}
    </>
  );
}

/** The rollout under way or the last; of upgrade and rotation only what is under way or waits for a person. */
export function Campaigns({ answer, reload }: { answer: CampaignsAnswer; reload: () => void }) {
  const { rollout, upgrade, rotation, next } = answer;
  return (
    <>
      {rollout === null ? (
        <section aria-labelledby="rollout">
          <h2 id="rollout">Rollout</h2>
          <Empty>
            Nothing was rolled out yet.
            {next === null && ' The file has no section rollout; without one, changes are applied at once.'}
          </Empty>
        </section>
      ) : (
        <RolloutShown rollout={rollout} reload={reload} />
      )}
      {upgrade !== null && upgrade.endedAt === null && (
        <section aria-labelledby="upgrade" class="panel">
          <Head id="upgrade" title="Software upgrade" campaign={upgrade} />
          {mayOperate.value && <CampaignButtons kind="upgrade" campaign={upgrade} reload={reload} />}
          <Rings rings={upgrade.rings} isOver={false} />
        </section>
      )}
      {rotation !== null && (rotation.endedAt === null || rotation.advice !== null) && (
        <section aria-labelledby="rotation" class="panel">
          <Head id="rotation" title={`Rotation of the login ${rotation.credential}`} campaign={rotation} />
          {rotation.advice !== null && <p class="notice">What to do next: {rotation.advice}.</p>}
          {mayOperate.value && <CampaignButtons kind="rotation" campaign={rotation} reload={reload} />}
          <Rings rings={rotation.rings} isOver={rotation.endedAt !== null} />
        </section>
      )}
    </>
  );
}

function RolloutShown({ rollout, reload }: { rollout: Rollout; reload: () => void }) {
  const { budget, commit, confirmedBy, confirmBy, endedAt, fingerprint, revision, revisionBefore } = rollout;
  return (
    <section aria-labelledby="rollout" class="panel">
      <Head id="rollout" title={endedAt === null ? 'Rollout under way' : 'Last rollout'} campaign={rollout} />
      {confirmBy !== null && endedAt === null && (
        <p class="notice warn">
          <strong>A person must approve it by {clock(confirmBy)}, else everything is put back.</strong>
        </p>
      )}
      {mayOperate.value && <RolloutButtons rollout={rollout} reload={reload} />}
      {endedAt === null && (
        <p class={budget.failed > 0 ? 'badge bad' : ''}>
          {budget.failed === 0 ? 'None' : budget.failed} of {count(budget.tried, 'room')} tried failed;{' '}
          {budget.borne === 0 ? 'none' : budget.borne} may before it is put back.
        </p>
      )}
      <Rings rings={rollout.rings} isOver={endedAt !== null} />
      <p class="hint">
        File {fingerprint.slice(0, 12)}
        {commit !== null && `, commit ${commit.id.slice(0, 12)}${commit.dirty ? ' with changes' : ''}`}
        {revision !== null && `; revision ${revision}`}
        {revisionBefore !== null && `, before it ${revisionBefore}`}
        {confirmedBy !== null && `; confirmed by ${confirmedBy}`}.
      </p>
    </section>
  );
}

interface Stand {
  readonly state: string;
  readonly paused: boolean;
  readonly reason: string | null;
  readonly waitsFor: string | null;
  readonly actor: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

function Head({ id, title, campaign }: { id: string; title: string; campaign: Stand }) {
  const { state, paused, reason, waitsFor, actor, startedAt, endedAt } = campaign;
  const isWaiting = waitsFor !== null && !paused && endedAt === null;
  return (
    <>
      <h2 id={id}>{title}</h2>
      <p>
        <Badge tone={paused ? 'warn' : (TONE[state] ?? 'info')}>
          {paused ? 'paused' : (WORD[state] ?? state)}
        </Badge>
        {reason !== null && `: ${reason}`}. Begun by {actor} <Since at={startedAt} /> ago
        {endedAt !== null && (
          <>
            , ended <Since at={endedAt} /> ago
          </>
        )}
        .{isWaiting && <strong> It waits: {waitsFor}.</strong>}
      </p>
    </>
  );
}

const WORD: Readonly<Record<string, string>> = {
  running: 'goes on, ring by ring',
  confirming: 'waits for a person to approve it',
  'catching-up': 'done but for rooms that were off or need a person',
  stopping: 'is about to be put back',
  aborting: 'is ending',
  reverting: 'is being put back',
  done: 'done',
  reverted: 'was put back',
  aborted: 'was aborted',
};

const TONE: Readonly<Record<string, Tone>> = {
  done: 'good',
  confirming: 'warn',
  'catching-up': 'warn',
  stopping: 'bad',
  reverting: 'bad',
  reverted: 'bad',
  aborted: 'warn',
  stopped: 'bad',
};
