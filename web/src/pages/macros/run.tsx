import { useRef, useState } from 'preact/hooks';
import type { MacroList, ShownRun } from '../../../../src/actions/macros.ts';
import { ask } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { Act } from '../../parts/confirm.tsx';
import { Badge, DeviceLink, Shown } from '../../parts/shown.tsx';
import { Within } from '../../parts/within.tsx';
import { go } from '../../route.ts';
import { mayOperate } from '../../session.ts';
import { full, took } from '../../time.ts';
import { toldOf } from './by-hand.tsx';
import { Steps } from './steps.tsx';
import { macroHref, RUN_TONE, RUN_WORD, runHref, setOffBy, whereText } from './words.ts';

/** One run explained: what set it off, what each step did, why it ended as it did. */
export function OneRun({ id }: { id: string }) {
  const [hasEnded, setEnded] = useState(false);
  const run = useLoaded<ShownRun>(`/macros/runs/${encodeURIComponent(id)}`, {
    when: ({ kind }) => kind === 'run',
    ...(hasEnded ? {} : { everyMs: 2_000 }),
  });
  if (run.data !== null && run.data.endedAt !== null && !hasEnded) setEnded(true);
  const title = run.data === null ? 'A run of a macro' : `${run.data.macro} on ${whereText(run.data.device)}`;
  return (
    <Within page="Macros" href="/macros" title={title}>
      <Shown of={run}>{(data) => <Course run={data} reload={run.reload} />}</Shown>
    </Within>
  );
}

function Course({ run, reload }: { run: ShownRun; reload: () => void }) {
  const { macro, device, state, reason, dueAt, startedAt, endedAt, steps } = run;
  return (
    <>
      <p>
        <Badge tone={RUN_TONE[state]}>{RUN_WORD[state]}</Badge>
        {reason !== null && `: ${reason}`}
      </p>
      <dl class="facts">
        <dt>Macro</dt>
        <dd>
          <a href={macroHref(macro)}>{macro}</a>
        </dd>
        <dt>Where</dt>
        <dd>{device === null ? 'the fleet as a whole' : <DeviceLink name={device} />}</dd>
        <dt>Set off by</dt>
        <dd>
          {setOffBy(run)}
          {factsText(run)}
        </dd>
        <dt>Due</dt>
        <dd>{full(dueAt)}</dd>
        <dt>Began</dt>
        <dd>
          {startedAt === null ? (endedAt === null ? 'it waits for its turn' : 'never') : full(startedAt)}
        </dd>
        <dt>Ended</dt>
        <dd>
          {endedAt === null ? 'not yet' : full(endedAt)}
          {startedAt !== null && ` (${took(startedAt, endedAt)})`}
        </dd>
      </dl>
      {mayOperate.value && (endedAt === null ? <Cancel run={run} reload={reload} /> : <Again run={run} />)}
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        <Steps steps={steps} isDry={state === 'would-run'} />
      </section>
    </>
  );
}

function factsText({ facts: { value, path, id } }: ShownRun): string {
  const told = [path, id, value].filter((text) => text !== '');
  return told.length === 0 ? '' : `: ${told.join(' ')}`;
}

function Cancel({ run: { id, macro, device }, reload }: { run: ShownRun; reload: () => void }) {
  return (
    <p class="buttons">
      <Act
        label="Cancel it"
        title={`Cancel ${macro} on ${whereText(device)}?`}
        yes="Cancel the run"
        isGrave
        act={async () => toldOf(await ask<ShownRun>(`/macros/runs/${id}/cancel`, { body: {} }))}
        onDone={reload}
      >
        <p>The step that is under way is ended, and what the run began is taken back.</p>
      </Act>
    </p>
  );
}

/** The first step that failed, counted from 1 among those of the file's list. */
function failedStep({ steps }: ShownRun): number {
  const failed = steps.find(({ state }) => state === 'failed')?.path ?? '';
  return Number(/^steps\[(\d+)\]/.exec(failed)?.[1] ?? 0) + 1;
}

function Again({ run }: { run: ShownRun }) {
  const macros = useLoaded<MacroList>('/macros');
  const macro = macros.data?.items.find(({ name, enabled }) => name === run.macro && enabled);
  const [step, setStep] = useState(failedStep(run));
  const came = useRef<string | null>(null);
  if (macro === undefined) return null;
  return (
    <p class="buttons">
      <Act
        label="Run it again …"
        title={`Run ${run.macro} again on ${whereText(run.device)}?`}
        yes="Run it"
        act={async () => {
          const again = await ask<ShownRun>(`/macros/runs/${run.id}/retry`, { body: { step } });
          came.current = again.id;
          return toldOf(again);
        }}
        onDone={() => {
          if (came.current !== null) go(runHref(came.current));
        }}
      >
        <p>For real, and as this run went: later steps see what the steps before had told in it.</p>
        {macro.steps.length > 1 && (
          <label>
            From the step
            <select value={step} onChange={(event) => setStep(Number(event.currentTarget.value))}>
              {macro.steps.map((name, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name but their place
                <option key={at} value={at + 1}>
                  {at + 1}: {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </Act>
    </p>
  );
}
