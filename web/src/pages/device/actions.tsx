import { useState } from 'preact/hooks';
import type { Examination } from '../../../../src/actions/doctor.ts';
import type { ShownRun } from '../../../../src/actions/macros.ts';
import type { ShownDevice } from '../../../../src/actions/shown-device.ts';
import { ask } from '../../api.ts';
import { Act } from '../../parts/confirm.tsx';
import { Heads } from '../../parts/heads.tsx';
import { Badge } from '../../parts/shown.tsx';
import { mayOperate } from '../../session.ts';

/** What a person can have the room do; each asks first and names the room. */
export function Actions({ device, onDone }: { device: ShownDevice; onDone: () => void }) {
  const { name } = device;
  const [text, setText] = useState('');
  const [number, setNumber] = useState('');
  const [found, setFound] = useState<Examination | null>(null);
  const at = `/devices/${encodeURIComponent(name)}`;
  const verb = async (path: string, body: object = {}): Promise<string> => {
    return toldOf(await ask<ShownRun>(`${at}/${path}`, { body }));
  };
  const isAsleep = device.standby !== null && device.standby !== 'Off';
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      <div class="buttons">
        {mayOperate.value && (
          <>
            <Act
              label="Show a message"
              title={`Show a message in ${name}?`}
              yes="Show it"
              act={() => verb('message', { text, seconds: 60 })}
            >
              <label>
                What stands on the screen for a minute
                <input
                  value={text}
                  required
                  maxLength={255}
                  onInput={(event) => setText(event.currentTarget.value)}
                />
              </label>
            </Act>
            <Act
              label="Call"
              title={`Have ${name} call?`}
              yes="Call"
              act={() => verb('call', { number })}
              onDone={onDone}
            >
              <p>A countdown shows in the room, where anybody can stop it; it connects muted.</p>
              <label>
                Whom
                <input
                  value={number}
                  required
                  maxLength={150}
                  onInput={(event) => setNumber(event.currentTarget.value)}
                />
              </label>
            </Act>
            {device.inCall === true && (
              <Act
                label="Hang up"
                title={`End the calls of ${name}?`}
                yes="Hang up"
                isGrave
                act={() => verb('hang-up')}
                onDone={onDone}
              >
                <p>People in the room are cut off.</p>
              </Act>
            )}
            <Act
              label={isAsleep ? 'Wake' : 'Standby'}
              title={isAsleep ? `Wake ${name}?` : `Put ${name} into standby?`}
              yes={isAsleep ? 'Wake it' : 'Put it into standby'}
              act={() => verb(isAsleep ? 'wake' : 'standby')}
              onDone={onDone}
            />
            <Act
              label="Restart"
              title={`Restart ${name}?`}
              yes="Restart it"
              isGrave
              act={() => verb('reboot')}
              onDone={onDone}
            >
              <p>It is restarted only where the room is free, and is away for some minutes.</p>
            </Act>
          </>
        )}
        <Act
          label="Doctor"
          title={`Examine ${name}?`}
          yes="Examine it"
          act={async () => {
            const examined = await ask<Examination>(`${at}/doctor`);
            setFound(examined);
            const wrong = examined.findings.filter(({ verdict }) => verdict === 'wrong').length;
            return wrong === 0
              ? 'Nothing is wrong.'
              : `${wrong} of ${examined.findings.length} checks found something; they stand below.`;
          }}
        >
          <p>Tries what a person would try, in order. Nobody in the room sees it.</p>
        </Act>
      </div>
      {found !== null && <Findings found={found} />}
    </section>
  );
}

function toldOf({ state, reason, steps }: ShownRun): string {
  const result = steps.at(-1)?.result;
  if (state === 'succeeded') return `Done: ${result ?? 'it is done'}.`;
  return `Not done (${state}): ${reason ?? result ?? 'no reason was told'}.`;
}

function Findings({ found: { name, findings } }: { found: Examination }) {
  return (
    <div class="table-wrap">
      <table aria-label={`What was found in ${name}`}>
        <Heads of={['Check', 'Found', 'What to do']} />
        <tbody>
          {findings.map(({ check, verdict, found, remedy }) => (
            <tr key={check}>
              <th scope="row">
                <Badge tone={VERDICT_TONE[verdict]}>{check}</Badge>
              </th>
              <td>{found}</td>
              <td>{remedy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const VERDICT_TONE = { ok: 'good', wrong: 'bad', skipped: 'calm' } as const;
