import type { DeviceView } from '../ports.ts';

/** One thing that is wrong with a room, in sentences for whoever must act before the meeting. */
export interface Trouble {
  readonly what: 'session' | 'slot' | 'configuration' | 'fight';
  readonly severity: 'critical' | 'warning' | 'info';
  readonly title: string;
  /** UTC milliseconds; null where it is not known. */
  readonly since: number | null;
  /** What roomd does about it, or why it does nothing. */
  readonly doing: string;
}

/** What can be said of a device without asking anybody; a device that is retired or in maintenance is as it should be. */
export function troublesOf(device: DeviceView, mode: 'observe' | 'enforce'): Trouble[] {
  if (device.retired !== null || device.maintenance !== null) return [];
  const session = sessionTrouble(device);
  // What is known of a device that is not reached is old, and one word about it is enough.
  if (session !== null && session.severity === 'critical') return [session];
  return [session, slotTrouble(device), configurationTrouble(device, mode), fightTrouble(device)].filter(
    (trouble) => trouble !== null,
  );
}

function sessionTrouble({ session, held }: DeviceView): Trouble | null {
  const { word, since, reason } = session;
  const told = (title: string, doing: string, severity: Trouble['severity'] = 'critical'): Trouble => {
    return { what: 'session', severity, title, since, doing };
  };
  switch (word) {
    case 'unreachable':
      return told(reason ?? 'does not answer', 'keeps trying by itself; see whether the device is on');
    case 'refused':
      return told(
        reason ?? 'refuses the login',
        'waits for a person: a refused password is not tried again, so that the account is not locked',
      );
    case 'certificate-changed':
      return told(
        reason ?? 'shows another certificate',
        'waits for a person to vouch for it; no password is sent',
      );
    case 'swapped':
      return told(reason ?? 'is another unit', 'waits for a person: nothing is written to it');
    case 'degraded':
      return told(
        reason ?? 'only part of its session works',
        held ?? 'goes on with what works and tries the rest again',
        'warning',
      );
    default:
      return null;
  }
}

function slotTrouble({ slot }: DeviceView): Trouble | null {
  if (slot.state !== 'failed') return null;
  return {
    what: 'slot',
    severity: 'warning',
    title: `webhook fails: ${slot.reason ?? 'the device does not post'}`,
    since: null,
    doing: 'hears the device by its session meanwhile and registers the slot again',
  };
}

function configurationTrouble(
  { configuration, drift, held, protected: isProtected }: DeviceView,
  mode: 'observe' | 'enforce',
): Trouble | null {
  const { problems, waiting, wrongSince, reason } = configuration;
  const [problem] = problems;
  if (problem !== undefined) {
    const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
    return {
      what: 'configuration',
      severity: 'warning',
      title: `${problem.path}: ${problem.message}${more}`,
      since: wrongSince,
      doing: 'leaves it: the device does not take what the file wants',
    };
  }
  if (drift === null || drift === 0) return null;
  return {
    what: 'configuration',
    severity: 'info',
    title: drift === 1 ? 'one setting differs' : `${drift} settings differ`,
    since: wrongSince,
    doing: doingAbout(waiting ?? held ?? reason, mode, isProtected),
  };
}

function doingAbout(obstacle: string | null, mode: 'observe' | 'enforce', isProtected: boolean): string {
  if (obstacle !== null) return `leaves it for now: ${obstacle.replace(/\.$/, '')}`;
  if (isProtected) return 'leaves it: the device is protected';
  return mode === 'observe'
    ? 'only reports it: roomd is in mode observe'
    : 'puts back what was approved; a change of the file waits for approval';
}

function fightTrouble({ fights }: DeviceView): Trouble | null {
  const [fight] = fights;
  if (fight === undefined) return null;
  return {
    what: 'fight',
    severity: 'warning',
    title: `something else keeps changing ${fight.path} back${fights.length > 1 ? `, and ${fights.length - 1} more` : ''}`,
    since: fight.since,
    doing: 'leaves it alone until a person finds out what the other is',
  };
}
