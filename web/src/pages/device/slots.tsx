import type { SlotList } from '../../../../src/actions/slots.ts';
import { query } from '../../api.ts';
import { useLoaded } from '../../loaded.ts';
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
                <thead>
                  <tr>
                    <th scope="col">Slot</th>
                    <th scope="col">Whose</th>
                    <th scope="col">Posts to</th>
                    <th scope="col">State</th>
                    <th scope="col">What</th>
                  </tr>
                </thead>
                <tbody>
                  {device.slots.map(({ number, owner, origin, status, expressions }) => (
                    <tr key={number}>
                      <th scope="row">
                        <Narrow>slot</Narrow>
                        {number}
                      </th>
                      <td>{owner}</td>
                      <td>
                        <Narrow>posts to</Narrow>
                        {origin}
                      </td>
                      <td>
                        <Narrow>state</Narrow>
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
