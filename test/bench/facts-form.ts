/** What a year of facts looks like, for roomd and for the floor. */
export interface Facts {
  readonly path: string;
  readonly devices: number;
  readonly days: number;
  /** UTC milliseconds of the first day. */
  readonly start: number;
}

export interface Month {
  readonly from: number;
  readonly to: number;
}

export const ZONE = 'Europe/Oslo';
export const DAY_MS = 86_400_000;
export const INTERVALS_A_DAY = 20;

export function siteOf(deviceId: number): string {
  return `site-${deviceId % 10}`;
}
