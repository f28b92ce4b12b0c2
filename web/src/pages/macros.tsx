import type { MacroList, ShownMacro } from '../../../src/actions/macros.ts';
import { useLoaded } from '../loaded.ts';
import { Badge, Empty, Shown } from '../parts/shown.tsx';
import { search } from '../route.ts';
import { clock } from '../time.ts';
import { OneMacro } from './macros/one.tsx';
import { Rooms } from './macros/rooms.tsx';
import { OneRun } from './macros/run.tsx';
import { macroHref, nextText, RUN_TONE, RUN_WORD, runHref, whenText, whereText } from './macros/words.ts';

/** The chores of the rooms: all of them, one with its runs (`?macro=`), or one run step by step (`?run=`). */
export function Macros() {
  const run = search.value.get('run');
  const macro = search.value.get('macro');
  if (run !== null) return <OneRun key={run} id={run} />;
  if (macro !== null) return <OneMacro key={macro} name={macro} />;
  return <AllMacros />;
}

function AllMacros() {
  const macros = useLoaded<MacroList>('/macros?runs=5', {
    when: ({ kind }) => kind === 'run',
    everyMs: 30_000,
  });
  return (
    <>
      <h1>Macros</h1>
      <Shown of={macros}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>
              The fleet file has no macro yet. It says under <code>macros</code> what rooms do by themselves.
            </Empty>
          ) : (
            <ul class="cards">
              {items.map((macro) => (
                <Macro key={macro.name} macro={macro} />
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  );
}

function Macro({ macro }: { macro: ShownMacro }) {
  const { name, description, enabled, lastRuns } = macro;
  const [last] = lastRuns;
  return (
    <li class={`card ${!enabled || last === undefined ? '' : RUN_TONE[last.state]}`}>
      <div class="title">
        <a href={macroHref(name)}>{name}</a>
        {!enabled && <Badge tone="calm">put to rest</Badge>}
      </div>
      {description !== null && <p class="tags">{description}</p>}
      <dl class="facts">
        <dt>When</dt>
        <dd>{whenText(macro)}</dd>
        <dt>Where</dt>
        <dd>
          <Rooms macro={macro} />
        </dd>
        <dt>Next</dt>
        <dd>{nextText(macro)}</dd>
        <dt>Last runs</dt>
        <dd>{lastRuns.length === 0 ? 'none yet' : <LastRuns runs={lastRuns} />}</dd>
      </dl>
    </li>
  );
}

function LastRuns({ runs }: { runs: ShownMacro['lastRuns'] }) {
  return (
    <ul class="plain-list">
      {runs.map(({ id, device, state, dueAt }) => (
        <li key={id}>
          <a href={runHref(id)}>
            {clock(dueAt)}, {whereText(device)}
          </a>{' '}
          <Badge tone={RUN_TONE[state]}>{RUN_WORD[state]}</Badge>
        </li>
      ))}
    </ul>
  );
}
