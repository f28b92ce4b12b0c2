import type { Delta } from '../xapi/device.ts';

/** Whether a device told something after which its feedback slots may not be as they were: a Diagnostics message about them, or that it restarts. */
export function doubtsSlots({ tree, leaves, bare }: Delta): boolean {
  if (tree === 'Event')
    return [...leaves.keys(), ...bare.keys()].some((path) => path.startsWith('BootEvent'));
  return (
    tree === 'Status' &&
    [...leaves].some(([path, value]) => MESSAGE.test(path) && /^HttpFeedback/i.test(value))
  );
}

/** `HTTPFeedbackFailed` is a type of the vendor's schemas. */
const MESSAGE = /^Diagnostics\.Message\[\d+\]\.Type$/;
