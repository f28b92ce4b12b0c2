import { useState } from 'preact/hooks';
import type { DeviceConfiguration } from '../../../../src/actions/configuration.ts';
import type { ShownDevice } from '../../../../src/actions/shown-device.ts';
import type { News } from '../../live.ts';
import { useLoaded } from '../../loaded.ts';
import { Heads } from '../../parts/heads.tsx';
import { Badge, Empty, Narrow, Shown, Since } from '../../parts/shown.tsx';
import { full } from '../../time.ts';

type Setting = DeviceConfiguration['settings'][number];

/** What the file says of the device and where, who lost, what was approved, and what the device holds. */
export function Configuration({ device }: { device: ShownDevice }) {
  const { name, configuration, fights } = device;
  const [text, setText] = useState('');
  const [isOnlyDrift, setOnlyDrift] = useState(false);
  const wants = ({ device, kind }: News): boolean =>
    device === name && (kind === 'configuration' || kind === 'write');
  const settings = useLoaded<DeviceConfiguration>(`/devices/${encodeURIComponent(name)}/configuration`, {
    when: wants,
  });
  return (
    <section aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      {configuration.problems.map(({ path, message }) => (
        <div class="notice warn" key={`${path} ${message}`}>
          <span>
            <code>{path}</code>: {message}
          </span>
        </div>
      ))}
      {fights.map(({ path, ours, theirs, since }) => (
        <div class="notice warn" key={path}>
          <span>
            Something else keeps changing <code>{path}</code> from {ours} to {theirs}, for{' '}
            <Since at={since} />: roomd leaves it alone.
          </span>
        </div>
      ))}
      {configuration.hints.map((hint) => (
        <p class="hint" key={hint}>
          {hint}
        </p>
      ))}
      <Shown of={settings}>
        {({ settings, asOf, reason }) => {
          const wanted = text.toLowerCase();
          const shown = settings.filter(
            ({ path, differs }) => path.toLowerCase().includes(wanted) && (!isOnlyDrift || differs !== false),
          );
          return (
            <>
              {asOf === null && (
                <p class="notice warn">What the device holds is not known: {reason ?? 'it was not read'}.</p>
              )}
              <form class="filters" onSubmit={(event) => event.preventDefault()}>
                <label>
                  Find a setting
                  <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
                </label>
                <label class="check">
                  <input
                    type="checkbox"
                    checked={isOnlyDrift}
                    onChange={(event) => setOnlyDrift(event.currentTarget.checked)}
                  />
                  Only what differs
                </label>
                <output>
                  {shown.length} of {settings.length}
                </output>
              </form>
              {shown.length === 0 ? (
                <Empty>
                  {settings.length === 0
                    ? 'The file says nothing of this device.'
                    : 'No setting is like that.'}
                </Empty>
              ) : (
                <Settings settings={shown} />
              )}
            </>
          );
        }}
      </Shown>
    </section>
  );
}

function Settings({ settings }: { settings: readonly Setting[] }) {
  return (
    <table class="stack">
      <Heads of={['Setting', 'The file', 'The device', 'Approved', 'Where it is said']} />
      <tbody>
        {settings.map((setting) => (
          <tr key={setting.path}>
            <th scope="row">
              <code>{setting.path}</code>
            </th>
            <td>
              <Narrow>file</Narrow>
              {setting.value}
            </td>
            <td>
              <Narrow>device</Narrow>
              <Held setting={setting} />
            </td>
            <td>
              <Narrow>approved</Narrow>
              {setting.approved ?? 'not yet'}
            </td>
            <td>
              <Provenance setting={setting} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Held({ setting: { differs, held } }: { setting: Setting }) {
  if (differs === null) return <Badge tone="warn">not known</Badge>;
  if (!differs) return <Badge tone="good">the same</Badge>;
  return <Badge tone="bad">{held ?? 'nothing'}</Badge>;
}

function Provenance({ setting: { winner, losers, lock, override, drift } }: { setting: Setting }) {
  return (
    <>
      {winner.layer} <code>{placeText(winner.place)}</code>
      {override !== null && (
        <span class="doing">
          until {full(override.until)}: {override.reason}
        </span>
      )}
      {lock !== null && <span class="doing">locked by {lock.layer}</span>}
      {drift !== 'correct' && <span class="doing">drift: {drift}</span>}
      {losers.length > 0 && (
        <details>
          <summary>{losers.length} overruled</summary>
          <ul class="plain-list">
            {losers.map(({ layer, value, place }) => (
              <li key={`${layer} ${placeText(place)}`}>
                {value}: {layer} <code>{placeText(place)}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function placeText({ file, line, column }: Setting['winner']['place']): string {
  return `${file.split('/').at(-1) ?? file}:${line}:${column}`;
}
