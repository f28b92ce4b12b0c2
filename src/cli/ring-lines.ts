interface ShownRing {
  readonly name: string;
  readonly begun: boolean;
  readonly devices: readonly {
    readonly name: string;
    readonly state: string;
    readonly reason: string | null;
  }[];
}

/** One line a ring with how many devices are in which state, and one for each device that has something to say. */
export function ringLines(rings: readonly ShownRing[]): string[] {
  return rings.flatMap(({ name, begun, devices }) => [
    `${name}${begun ? '' : ', not begun'}: ${tally(devices.map(({ state }) => state))}`,
    ...devices.flatMap((device) =>
      device.reason === null ? [] : [`  ${device.name} ${device.state}: ${device.reason}`],
    ),
  ]);
}

function tally(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
