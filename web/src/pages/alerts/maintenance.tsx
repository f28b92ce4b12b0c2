import { useState } from 'preact/hooks';
import type { MaintenanceList, ShownMaintenance } from '../../../../src/actions/maintenance.ts';
import { ask } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { OneOf } from '../../parts/choice.tsx';
import { Act } from '../../parts/confirm.tsx';
import { Empty, Shown } from '../../parts/shown.tsx';
import { mayOperate } from '../../session.ts';
import { clock } from '../../time.ts';

/** The maintenances that hold now: nobody is told of what is wrong there until they end. */
export function MaintenanceNow() {
  const list = useLoaded<MaintenanceList>('/maintenance', {
    when: ({ kind }) => kind === 'maintenance',
    everyMs: 30_000,
  });
  return (
    <section aria-labelledby="maintenance">
      <h2 id="maintenance">Maintenance</h2>
      <Shown of={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>None holds: whatever is wrong anywhere is told.</Empty>
          ) : (
            <ul class="cards">
              {items.map((one) => (
                <One key={one.id ?? `${one.devices} ${one.until}`} maintenance={one} reload={list.reload} />
              ))}
            </ul>
          )
        }
      </Shown>
      {mayOperate.value && <Begin reload={list.reload} />}
    </section>
  );
}

function One({
  maintenance: { id, devices, reason, actor, from, until },
  reload,
}: {
  maintenance: ShownMaintenance;
  reload: () => void;
}) {
  return (
    <li class="card info">
      <div class="title">{devices}</div>
      <p>
        {reason}{' '}
        <span class="hint">
          (by {actor}
          {from !== null && `, since ${clock(from)}`}) until {clock(until)}
        </span>
      </p>
      {id === null ? (
        <p class="hint">The fleet file schedules it; it ends by itself.</p>
      ) : (
        mayOperate.value && (
          <p class="buttons">
            <Act
              label="End it …"
              title={`End the maintenance of ${devices}?`}
              yes="End it"
              act={async () => {
                const { items } = await ask<MaintenanceList>('/maintenance/end', { body: { devices } });
                return items.length === 0
                  ? 'It had ended already.'
                  : `It has ended. What is wrong with ${devices} is told from now on.`;
              }}
              onDone={reload}
            >
              <p>What is wrong there by then is told at once.</p>
            </Act>
          </p>
        )
      )}
    </li>
  );
}

const LENGTHS = {
  '30m': '30 minutes',
  '1h': '1 hour',
  '2h': '2 hours',
  '4h': '4 hours',
  '8h': '8 hours',
  '1d': '1 day',
  '3d': '3 days',
  '7d': '7 days',
};

function Begin({ reload }: { reload: () => void }) {
  const [devices, setDevices] = useState('');
  const [length, setLength] = useState<keyof typeof LENGTHS>('2h');
  const [reason, setReason] = useState('');
  return (
    <p class="buttons">
      <Act
        label="Begin a maintenance …"
        title={`Begin a maintenance${devices.trim() === '' ? '' : ` of ${devices.trim()}`}?`}
        yes="Begin it"
        act={async () => {
          const begun = await ask<ShownMaintenance>('/maintenance', {
            body: { devices: devices.trim(), for: length, reason: reason.trim() },
          });
          return `Until ${clock(begun.until)} nobody is told what is wrong with ${begun.devices}.`;
        }}
        onDone={() => {
          setDevices('');
          setReason('');
          reload();
        }}
      >
        <p>Alerts are recorded and not sent; what is wrong at its end is told then.</p>
        <label>
          Devices
          <input
            required
            value={devices}
            placeholder="boardroom-1, or site=oslo, or all"
            onInput={(event) => setDevices(event.currentTarget.value)}
          />
        </label>
        <OneOf label="How long" value={length} of={LENGTHS} set={setLength} />
        <label>
          Why
          <input
            required
            maxLength={500}
            value={reason}
            placeholder="The network is patched"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      </Act>
    </p>
  );
}
