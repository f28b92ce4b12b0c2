import type { Campaigns as CampaignsAnswer } from '../../../src/actions/campaigns.ts';
import type { PlanOutput } from '../../../src/actions/plan.ts';
import { useLoaded } from '../loaded.ts';
import { SelectorField, selected, useTags } from '../parts/selector.tsx';
import { Shown } from '../parts/shown.tsx';
import { Campaigns, isUnderWay } from './changes/campaigns.tsx';
import { Plan } from './changes/plan.tsx';

/** What changes when somebody looks away from the file: kinds of events after which a plan may be another. */
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
  const isBusy = (answer: CampaignsAnswer | null): boolean => answer !== null && isUnderWay(answer);
  const campaigns = useCampaigns();
  const { data } = campaigns;
  const reload = (): void => {
    plan.reload();
    campaigns.reload();
  };
  const underWay = (
    <Shown key="campaigns" of={campaigns}>
      {(answer) => <Campaigns answer={answer} reload={reload} />}
    </Shown>
  );
  return (
    <>
      <h1>Changes</h1>
      <div class="filters">
        <SelectorField tags={useTags()} />
        <button type="button" onClick={reload}>
          Look again
        </button>
      </div>
      {isBusy(data) && underWay}
      <Shown key="plan" of={plan}>
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
      {!isBusy(data) && underWay}
    </>
  );
}

/** What is under way is looked at often, and as rooms are written. */
function useCampaigns() {
  const campaigns = useLoaded<CampaignsAnswer>('/campaigns', {
    when: ({ kind }) => kind === 'write' || kind === 'hold',
    everyMs: 5_000,
  });
  return campaigns;
}
