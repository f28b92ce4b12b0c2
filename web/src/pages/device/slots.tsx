import type { SlotList } from '../../../../src/actions/slots.ts';
import { query } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
import { Heads } from '../../parts/heads.tsx';
import { Empty, Narrow, Shown, Since } from '../../parts/shown.tsx';

export function Slots({ name }: { name: string }) {
  const slots = useLoaded<SlotList>(`/slots${query({ devices: `"${name}"` })}`, { everyMs: 60_000 });
  return (
    <section aria-labelledby="slots">
      <h2 id="slots">Feedback slots</h2>
      <Shown of={slots}>
        {({ items: [device] }) =>
          device === undefined || device.slots.length === 0 ? (
            <Empty>Not known{device?.reason ? `: ${device.reason}` : ''}.</Empty>
          ) : (
            <>
              <p class="hint">
                {device.lastPostAt === null ? (
                  'No post has come since the start.'
                ) : (
                  <Since at={device.lastPostAt} before="Last post " />
                )}
                {device.lastPostAt !== null && ' ago.'}
              </p>
              <table class="stack">
                <Heads of={['Slot', 'Whose', 'Posts to', 'State', 'What']} />
                <tbody>
                  {device.slots.map(({ number, owner, origin, status, expressions }) => (
                    <tr key={number}>
                      <th scope="row">
                        <Narrow>slot</Narrow>
                        {number}
                      </th>
                      <td>{owner}</td>
                      <td>
                        {origin !== null && <Narrow>posts to</Narrow>}
                        {origin}
                      </td>
                      <td>
                        {status !== null && <Narrow>state</Narrow>}
                        {status}
                      </td>
                      <td>
                        <code>{expressions.join(' ')}</code>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </>
          )
        }
      </Shown>
    </section>
  );
}
