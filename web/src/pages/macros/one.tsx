import type { MacroList, RunList, ShownMacro, ShownRun } from '../../../../src/actions/macros.ts';
import { query } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { Heads } from '../../parts/heads.tsx';
import { Paged } from '../../parts/pager.tsx';
import { Badge, DeviceLink, Shown } from '../../parts/shown.tsx';
import { Within } from '../../parts/within.tsx';
import { search } from '../../route.ts';
import { mayOperate } from '../../session.ts';
import { clock, full, took } from '../../time.ts';
import { RunByHand } from './by-hand.tsx';
import { Rooms } from './rooms.tsx';
import { nextText, RUN_TONE, RUN_WORD, runHref, setOffBy, whenText } from './words.ts';

/** One macro: what it does and when, running it by hand, and its runs. */
export function OneMacro({ name }: { name: string }) {
  const macros = useLoaded<MacroList>('/macros', { when: ({ kind }) => kind === 'run', everyMs: 60_000 });
  return (
    <Within page="Macros" href="/macros" title={name}>
      <Shown of={macros}>
        {({ items }) => {
          const macro = items.find((one) => one.name === name);
          return macro === undefined ? (
            <div class="notice warn">The fleet file has no macro of this name now; its runs are below.</div>
          ) : (
            <About macro={macro} />
          );
        }}
      </Shown>
      <Runs macro={name} />
    </Within>
  );
}

function About({ macro }: { macro: ShownMacro }) {
  return (
    <>
      {macro.description !== null && <p>{macro.description}</p>}
      <dl class="facts">
        <dt>Set off by</dt>
        <dd>{whenText(macro)}</dd>
        {macro.if !== null && (
          <>
            <dt>Only if</dt>
            <dd>
              <code>{macro.if}</code>
            </dd>
          </>
        )}
        <dt>Where</dt>
        <dd>
          <Rooms macro={macro} />
        </dd>
        <dt>Next</dt>
        <dd>{nextText(macro)}</dd>
        <dt>Steps</dt>
        <dd>
          {macro.steps.length === 0 ? (
            'a script'
          ) : (
            <ol class="steps-in-short">
              {macro.steps.map((step, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name but their place
                <li key={at}>{step}</li>
              ))}
            </ol>
          )}
        </dd>
      </dl>
      {mayOperate.value && macro.enabled && <RunByHand macro={macro} />}
    </>
  );
}

const ON_A_PAGE = 25;

function Runs({ macro }: { macro: string }) {
  const cursor = search.value.get('before');
  const runs = useLoaded<RunList>(`/macros/runs${query({ macro, cursor, limit: ON_A_PAGE })}`, {
    when: ({ kind }) => kind === 'run' && cursor === null,
    ...(cursor === null ? { everyMs: 5_000 } : {}),
  });
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <Paged of={runs} word="runs" empty="It has not run yet.">
        {(items) => <RunTable runs={items} />}
      </Paged>
    </section>
  );
}

function RunTable({ runs }: { runs: readonly ShownRun[] }) {
  return (
    <table class="stack">
      <Heads of={['When', 'Where', 'Set off by', 'Came to', 'Why', 'Took']} />
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td>
              <a href={runHref(run.id)} title={full(run.dueAt)}>
                {clock(run.dueAt)}
              </a>
            </td>
            <td>{run.device === null ? 'the fleet' : <DeviceLink name={run.device} />}</td>
            <td>{setOffBy(run)}</td>
            <td>
              <Badge tone={RUN_TONE[run.state]}>{RUN_WORD[run.state]}</Badge>
            </td>
            <td>{run.reason}</td>
            <td>{took(run.startedAt, run.endedAt)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
