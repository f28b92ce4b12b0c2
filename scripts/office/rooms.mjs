export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The share is that of the working hours in which somebody is there. */
export const ROOMS = [
  { name: 'fjord', kind: 'board', seats: 12, share: 0.7 },
  { name: 'glacier', kind: 'room', seats: 8, share: 0.55 },
  { name: 'harbour', kind: 'room', seats: 8, share: 0.4 },
  { name: 'tundra', kind: 'room', seats: 6, share: 0.3 },
  { name: 'aurora', kind: 'room', seats: 6, share: 0.8 },
  { name: 'birch', kind: 'desk', seats: 2, share: 0.2 },
  { name: 'cliff', kind: 'room', seats: 10, share: 0.5 },
  { name: 'dune', kind: 'board', seats: 14, share: 0.35 },
  { name: 'ember', kind: 'room', seats: 6, share: 0.6 },
  { name: 'focus-1', kind: 'desk', seats: 1, share: 0.45 },
  { name: 'focus-2', kind: 'desk', seats: 1, share: 0.1 },
  { name: 'grove', kind: 'room', seats: 4, share: 0.25 },
];
