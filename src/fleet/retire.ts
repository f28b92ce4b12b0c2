import type { DesiredDevice } from './fleet.ts';

/**
 * The device with nothing on it that roomd put there besides settings: a plan
 * and an apply of it, without the resource of settings, take that off. What
 * others put there stays, whatever the file says under `prune`.
 */
export function stripped(desired: DesiredDevice): DesiredDevice {
  return { ...desired, content: NO_CONTENT };
}

const NO_CONTENT: NonNullable<DesiredDevice['content']> = {
  panels: [],
  deviceMacros: [],
  branding: [],
  certificates: [],
  software: null,
  prune: 'own',
};

/** What is on record as put onto a device, for people, as far as nobody has looked: `UI panel help`. */
export function onRecordText({ kind, key }: { readonly kind: string; readonly key: string }): string {
  return `${NOUNS[kind] ?? kind} ${key}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  'ui-panel': 'UI panel',
  'device-macro': 'device macro',
  branding: 'picture',
  certificate: 'certificate',
};
