import { useRef } from 'preact/hooks';
import type { Campaigns as CampaignsAnswer } from '../../../src/actions/campaigns.ts';
import type { PlanOutput } from '../../../src/actions/plan.ts';
import { useLoaded } from '../loaded.ts';
import { SelectorField, selected, useTags } from '../parts/selector.tsx';
import { Shown } from '../parts/shown.tsx';
import { seesAll } from '../session.ts';
import { Campaigns, isUnderWay, UnderWay } from './changes/campaigns.tsx';
import { Plan } from './changes/plan.tsx';

/** Kinds of events after which a plan may be another. */
const CHANGING = new Set(['configuration', 'write', 'session', 'trust', 'retire']);

/** What differs from the file, and what carries it out. */
export function Changes() {
  const devices = selected();
  const plan = useLoaded<PlanOutput>('/plan', {
    body: { devices },
    when: ({ kind }) => CHANGING.has(kind),
    apartMs: 4_000,
    everyMs: 60_000,
  });
  // What is under way is looked at often.
  const isGoing = useRef(false);
  const campaigns = useLoaded<CampaignsAnswer>(seesAll.value ? '/campaigns' : null, {
    when: ({ kind }) => kind === 'write' || kind === 'hold',
    everyMs: isGoing.current ? 5_000 : 30_000,
  });
  const { data } = campaigns;
  isGoing.current = data !== null && isUnderWay(data);
  const reload = (): void => {
    plan.reload();
    campaigns.reload();
  };
  return (
    <>
      <h1>Changes</h1>
      <div class="filters">
        <SelectorField tags={useTags()} />
        <button type="button" onClick={reload}>
          Look again
        </button>
      </div>
      {data !== null && <UnderWay answer={data} />}
      <Shown
        of={plan}
        loading="Asking the rooms; after a start of roomd a large fleet takes half a minute or more…"
      >
        {(answer) => (
          <Plan
            key={devices}
            answer={answer}
            devices={devices}
            next={data?.next ?? null}
            isRollingOut={data?.rollout?.endedAt === null}
            reload={reload}
          />
        )}
      </Shown>
      {seesAll.value ? (
        <Shown of={campaigns}>{(answer) => <Campaigns answer={answer} reload={reload} />}</Shown>
      ) : (
        <p class="hint">
          Rollouts, upgrades and rotations go over the whole fleet; they are shown to who sees all of it.
        </p>
      )}
    </>
  );
}
