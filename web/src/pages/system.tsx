import type { SystemCheck } from '../../../src/actions/ports/systems.ts';
import type { ShownSystem } from '../../../src/actions/system.ts';
import { ask } from '../api.ts';
import { useLoaded } from '../loaded.ts';
import { Act } from '../parts/confirm.tsx';
import { Heads } from '../parts/heads.tsx';
import { Badge, Empty, Shown } from '../parts/shown.tsx';
import { mayOperate, seesAll } from '../session.ts';
import { full, since } from '../time.ts';
import { Holds } from './system/holds.tsx';

/** roomd itself: its parts, its file, the systems around it. */
export function System() {
  const system = useLoaded<ShownSystem>('/system', { when: ({ kind }) => kind === 'hold', everyMs: 15_000 });
  return (
    <>
      <h1>System</h1>
      <Shown of={system}>{(data) => <Parts data={data} reload={system.reload} />}</Shown>
      {seesAll.value && <Systems />}
    </>
  );
}

function Parts({ data, reload }: { data: ShownSystem; reload: () => void }) {
  const {
    version,
    startedAt,
    mode,
    safeMode,
    fleetFile,
    fingerprint,
    revision,
    pending,
    health,
    holds,
    fileProblems,
  } = data;
  return (
    <>
      {safeMode && (
        <div class="notice bad" role="alert">
          Safe mode: the fleet file is broken, the last good one is in force, and nothing is written to
          devices.
        </div>
      )}
      {pending === true && (
        <div class="notice warn">
          <span>The file differs from what was last approved.</span> <a href="/changes">Look at the plan</a>
        </div>
      )}
      {fileProblems.length > 0 && (
        <section aria-labelledby="file-problems">
          <h2 id="file-problems">What is wrong with the file</h2>
          <ul class="code-list">
            {fileProblems.map((problem) => (
              <li key={problem}>
                <code>{problem}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      <dl class="facts">
        <dt>Version</dt>
        <dd>{version}</dd>
        <dt>Running</dt>
        <dd>
          for {since(startedAt)}, since {full(startedAt)}
        </dd>
        <dt>Mode</dt>
        <dd>
          {mode === 'observe'
            ? 'observe: by itself it writes nothing to devices'
            : 'enforce: it keeps the approved revision'}
        </dd>
        <dt>Fleet file</dt>
        <dd>
          <code>{fleetFile}</code> ({fingerprint.slice(0, 12)})
        </dd>
        <dt>Approved revision</dt>
        <dd>{revision ?? 'nothing was approved yet'}</dd>
      </dl>
      {mayOperate.value && seesAll.value && (
        <p class="buttons">
          <Act
            label="Read the file again"
            title="Read the fleet file again?"
            yes="Read it"
            act={async () => {
              const { problems } = await ask<{ problems: readonly string[] }>('/reload', { body: {} });
              return problems.length === 0
                ? 'The file was read and is in force.'
                : `The file is broken and changes nothing: ${problems[0] ?? ''}`;
            }}
            onDone={reload}
          >
            <p>A broken file changes nothing. What changed waits for approval.</p>
          </Act>
        </p>
      )}
      <section aria-labelledby="parts">
        <h2 id="parts">Parts</h2>
        <table>
          <Heads of={['Part', 'State', 'What is wrong']} />
          <tbody>
            {health.map(({ part, ok, reason }) => (
              <tr key={part}>
                <th scope="row">{part}</th>
                <td>
                  <Badge tone={ok ? 'good' : 'bad'}>{ok ? 'well' : 'not well'}</Badge>
                </td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Holds holds={holds} reload={reload} />
    </>
  );
}

function Systems() {
  const systems = useLoaded<{ items: readonly SystemCheck[] }>('/systems');
  return (
    <section aria-labelledby="systems">
      <h2 id="systems">Systems around the rooms</h2>
      <Shown of={systems}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>The file names none.</Empty>
          ) : (
            <ul class="plain-list">
              {items.map(({ system, ok, found }) => (
                <li key={system}>
                  <Badge tone={ok ? 'good' : 'bad'}>{system}</Badge> {found}
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </section>
  );
}
