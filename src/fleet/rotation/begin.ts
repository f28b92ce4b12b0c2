import { resolveRings } from '../campaign/rings.ts';
import type { DesiredDevice } from '../fleet.ts';
import type { RolloutSection } from '../rollout-section.ts';
import type { RotationRecord } from './rotation.ts';

/** A device as a choice for the probe. */
export interface Candidate {
  readonly desired: DesiredDevice;
  /** It answers. */
  readonly isUp: boolean;
  /** Why it may not be written to now. */
  readonly forbidden: string | null;
  /** It is on record to accept the new secret already. */
  readonly isDone: boolean;
}

/** Which device comes first: the one that is named, or the first that answers, may be written and has the old secret. A text says why there is none. */
export function chooseProbe(candidates: readonly Candidate[], named: string | null): DesiredDevice | string {
  if (candidates.length > 0 && candidates.every(({ isDone }) => isDone))
    return 'every device accepts next already: move it to password in the file and remove next';
  if (named === null) {
    const first = candidates.find(({ isUp, forbidden, isDone }) => isUp && forbidden === null && !isDone);
    return (
      first?.desired ??
      'no device that could come first answers and may be written to: see roomd status, or name one with --probe'
    );
  }
  const found = candidates.find(({ desired }) => desired.name === named);
  if (found === undefined) return `the probe ${named} is not among the devices that the rotation is for`;
  if (found.isDone) return `${named} accepts next already, so it would prove nothing; take another probe`;
  return found.forbidden === null ? found.desired : `the probe ${named}: ${found.forbidden}`;
}

export interface Beginning {
  readonly id: string;
  readonly actor: string;
  readonly now: number;
  readonly credential: string;
  readonly nextFingerprint: string;
  readonly probe: DesiredDevice;
  readonly devices: readonly DesiredDevice[];
  /** The file's rollout section; its soak and confirmation do not count, as each device is proven at once. */
  readonly section: RolloutSection | null;
  readonly parallel: number;
  readonly idOf: (name: string) => number | null;
}

/** A new rotation with every device in its ring. Without a rollout section the first failure stops it. */
export function newRotation(beginning: Beginning): RotationRecord {
  const { id, actor, now, credential, nextFingerprint, probe, devices, section, parallel } = beginning;
  const others = devices.filter(({ name }) => name !== probe.name);
  const rings = [
    { label: 'probe', devices: [probe] },
    ...resolveRings({ canary: section?.canary ?? null, rings: section?.rings ?? [] }, others),
  ];
  return {
    campaign: {
      id,
      actor,
      credential,
      nextFingerprint,
      state: 'running',
      isPaused: false,
      reason: null,
      strategy: {
        failureBudget: section?.failureBudget ?? { kind: 'number', devices: 0 },
        windows: section?.windows ?? [],
        freezes: section?.freezes ?? [],
        parallel,
      },
      rings: rings.map(({ label }) => label),
      ring: -1,
      startedAt: now,
      endedAt: null,
    },
    devices: rings.flatMap((ring, at) =>
      ring.devices.flatMap(({ name }) => {
        const deviceId = beginning.idOf(name);
        return deviceId === null ? [] : [newDevice(deviceId, name, at)];
      }),
    ),
  };
}

function newDevice(id: number, name: string, ring: number) {
  return {
    id,
    name,
    ring,
    state: 'pending',
    reason: null,
    isDoubtful: false,
    acceptedAt: null,
    nextAt: 0,
  } as const;
}
