import { useState } from 'preact/hooks';
import type { HoldList, ShownHold } from '../../../../src/actions/hold.ts';
import type { ShownSystem } from '../../../../src/actions/system.ts';
import { ask } from '../../api.ts';
import { Act } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/shown.tsx';
import { mayOperate } from '../../session.ts';
import { since } from '../../time.ts';

type Hold = ShownSystem['holds'][number];

/** What is held and by whom; a person places and releases holds here. */
export function Holds({ holds, reload }: { holds: readonly Hold[]; reload: () => void }) {
  return (
    <section aria-labelledby="holds">
      <h2 id="holds">Holds</h2>
      {holds.length === 0 ? (
        <Empty>None: machines may write where the file and the rooms allow it.</Empty>
      ) : (
        <ul class="plain-list">
          {holds.map((hold) => (
            <li key={`${hold.devices} ${hold.since}`}>
              <strong>{whole(hold.devices)}</strong>: {hold.reason} (by {hold.actor}, for {since(hold.since)}){' '}
              {mayOperate.value && <Release hold={hold} reload={reload} />}
            </li>
          ))}
        </ul>
      )}
      {mayOperate.value && <Place reload={reload} />}
    </section>
  );
}

function whole(devices: string | null): string {
  return devices ?? 'the whole fleet';
}

function Release({ hold: { devices }, reload }: { hold: Hold; reload: () => void }) {
  return (
    <Act
      label="Release…"
      title={`Release the hold on ${whole(devices)}?`}
      yes="Release it"
      act={async () => {
        const { items } = await ask<HoldList>('/hold/release', { body: { devices } });
        return items.length === 0 ? 'It was released already.' : 'It is released.';
      }}
      onDone={reload}
    >
      <p>What waited there goes on, and macros run again.</p>
    </Act>
  );
}

function Place({ reload }: { reload: () => void }) {
  const [devices, setDevices] = useState('');
  const [reason, setReason] = useState('');
  const chosen = devices.trim() === '' ? null : devices.trim();
  return (
    <p class="buttons">
      <Act
        label="Place a hold…"
        title={`Hold ${whole(chosen)}?`}
        yes="Hold it"
        isGrave
        act={async () => {
          const placed = await ask<ShownHold>('/hold', { body: { devices: chosen, reason: reason.trim() } });
          return `Nothing is written to ${whole(placed.devices)} and no macro runs there until it is released.`;
        }}
        onDone={() => {
          setDevices('');
          setReason('');
          reload();
        }}
      >
        <p>At once nobody writes anything there, roomd included, and no macro runs; calls that run go on.</p>
        <label>
          Devices
          <input
            value={devices}
            placeholder="all, or such as site=oslo"
            onInput={(event) => setDevices(event.currentTarget.value)}
          />
        </label>
        <label>
          Why
          <input
            required
            maxLength={500}
            value={reason}
            placeholder="The board meets"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      </Act>
    </p>
  );
}
