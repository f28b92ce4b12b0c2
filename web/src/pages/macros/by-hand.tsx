import { useRef, useState } from 'preact/hooks';
import type { ShownMacro, ShownRun } from '../../../../src/actions/macros.ts';
import { ask, type Problem, problemOf } from '../../api.ts';
import { Act } from '../../parts/confirm.tsx';
import { Badge } from '../../parts/shown.tsx';
import { go } from '../../route.ts';
import { Steps } from './steps.tsx';
import { RUN_TONE, RUN_WORD, runHref, whereText } from './words.ts';

/** What a run has come to, for the dialog that waited for it. */
export function toldOf({ state, reason, device }: ShownRun): string {
  return `On ${whereText(device)} the run ${RUN_WORD[state]}${reason === null ? '' : `: ${reason}`}.`;
}

/** First what would happen in the room, then, asked once more, the run itself. */
export function RunByHand({ macro: { name, scope, devices } }: { macro: ShownMacro }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [dry, setDry] = useState<ShownRun | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const came = useRef<string | null>(null);
  const device = scope === 'fleet' ? null : chosen;
  const path = `/macros/${encodeURIComponent(name)}/run`;
  const forget = (): void => {
    setDry(null);
    setProblem(null);
  };
  const look = async (event: Event): Promise<void> => {
    event.preventDefault();
    forget();
    setBusy(true);
    try {
      setDry(await ask<ShownRun>(path, { body: { device, dryRun: true } }));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <section aria-labelledby="by-hand">
      <h2 id="by-hand">Run it by hand</h2>
      <form class="filters" onSubmit={(event) => void look(event)}>
        {scope === 'device' && (
          <label>
            Room
            <select
              required
              value={chosen ?? ''}
              onChange={(event) => {
                forget();
                setChosen(event.currentTarget.value || null);
              }}
            >
              <option value="">choose one</option>
              {devices.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="submit" disabled={isBusy}>
          What would happen?
        </button>
      </form>
      <div role="status" aria-live="polite">
        {isBusy && <p class="loading">Asking…</p>}
        {problem !== null && <p class="notice bad">{problem.message}</p>}
        {dry !== null && (
          <div class="card">
            <p>
              On <strong>{whereText(dry.device)}</strong>, now:{' '}
              <Badge tone={RUN_TONE[dry.state]}>{RUN_WORD[dry.state]}</Badge>
              {dry.reason !== null && `: ${dry.reason}`}
            </p>
            <Steps steps={dry.steps} isDry />
          </div>
        )}
      </div>
      {dry !== null && (
        <p class="buttons">
          <Act
            label={`Run it on ${whereText(device)} …`}
            title={`Run ${name} on ${whereText(device)}?`}
            yes="Run it"
            act={async () => {
              const run = await ask<ShownRun>(path, { body: { device } });
              came.current = run.id;
              return toldOf(run);
            }}
            onDone={() => {
              if (came.current !== null) go(runHref(came.current));
            }}
          >
            <p>
              It does for real what stands above. Its condition and every guard still apply. You need not
              wait: it goes on when this is closed, and stands among its runs.
            </p>
          </Act>
        </p>
      )}
    </section>
  );
}
