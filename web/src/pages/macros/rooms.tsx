import type { ShownMacro } from '../../../../src/actions/macros.ts';
import { DeviceLink } from '../../parts/shown.tsx';
import { count } from '../../parts/words.ts';

const FEW = 6;

/** On which rooms a macro runs: the first few by name, and what chooses them. */
export function Rooms({ macro: { devices, scope, selector } }: { macro: ShownMacro }) {
  return (
    <>
      {scope === 'fleet' ? `once for ${count(devices.length, 'room')}: ` : ''}
      {devices.length === 0 && 'no room is like that '}
      {devices.slice(0, FEW).map((name, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <DeviceLink name={name} />
        </span>
      ))}
      {devices.length > FEW && ` and ${devices.length - FEW} more`} <code>{selector}</code>
    </>
  );
}
