import type { ShownRun } from '../../../../src/actions/macros.ts';
import { Badge, DeviceLink, Empty, type Tone } from '../../parts/shown.tsx';
import { took } from '../../time.ts';

type Step = ShownRun['steps'][number];

const STEP_TONE: Readonly<Record<Step['state'], Tone>> = {
  running: 'info',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'calm',
};

const STEP_WORD: Readonly<Record<Step['state'], string>> = {
  running: 'under way',
  succeeded: 'done',
  failed: 'failed',
  skipped: 'not done',
};

/** Every step that a run took, in the order in which they began; of a dry one, what each would have done. */
export function Steps({ steps, isDry = false }: { steps: readonly Step[]; isDry?: boolean }) {
  if (steps.length === 0) return <Empty>No step was reached.</Empty>;
  return (
    <ol class="steps">
      {steps.map(({ path, step, device, state, result, startedAt, endedAt }) => (
        <li key={`${path} ${device} ${startedAt}`} class={isDry ? '' : STEP_TONE[state]}>
          <div class="title">
            <strong>{step}</strong>
            {!isDry && <Badge tone={STEP_TONE[state]}>{STEP_WORD[state]}</Badge>}
            {device !== null && !isDry && <DeviceLink name={device} />}
            {!isDry && state !== 'skipped' && <span class="hint">{took(startedAt, endedAt)}</span>}
            <code class="hint">{path}</code>
          </div>
          {result !== null && <div>{result}</div>}
        </li>
      ))}
    </ol>
  );
}
