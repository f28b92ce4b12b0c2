import type { SystemView } from '../ports.ts';
import type { Trouble } from './trouble.ts';

/** What holds for roomd as a whole and bears on every room, in sentences for whoever wonders why nothing happens. */
export interface Standing {
  readonly what: 'file' | 'hold' | 'part' | 'pending';
  readonly severity: Trouble['severity'];
  readonly title: string;
  /** UTC milliseconds; null where it is not known. */
  readonly since: number | null;
  /** What roomd does meanwhile; null where there is nothing to say. */
  readonly doing: string | null;
}

/** The gravest first. `told`: parts of which an open alert already tells. */
export function standingOf(system: SystemView, told: ReadonlySet<string>): Standing[] {
  return [
    ...fileStanding(system),
    ...holdStandings(system),
    ...partStandings(system, told),
    ...pending(system),
  ];
}

const FILE = 'fleet file';

function fileStanding({ health, safeMode }: SystemView): Standing[] {
  const file = health.find(({ part }) => part === FILE);
  if (file === undefined || file.ok) return [];
  return [
    {
      what: 'file',
      severity: safeMode ? 'critical' : 'warning',
      title: `The fleet file is broken: ${file.reason}`,
      since: null,
      doing: safeMode
        ? 'runs on the last good file, and writes nothing until this one is mended'
        : 'goes on with the last good file until this one is mended',
    },
  ];
}

function holdStandings({ holds }: SystemView): Standing[] {
  return holds.map(({ selector, reason, actor, sinceAt }) => ({
    what: 'hold',
    severity: 'warning',
    title: `On hold${selector === null ? '' : ` for ${selector}`} by ${actor}: ${reason}`,
    since: sinceAt,
    doing: 'writes nothing there and runs no macro, until somebody says `roomd hold --release`',
  }));
}

function partStandings({ health }: SystemView, told: ReadonlySet<string>): Standing[] {
  return health
    .filter(({ part, ok }) => !ok && part !== FILE && !told.has(part))
    .map(({ part, reason }) => ({
      what: 'part',
      severity: part === 'database' || part === 'receiver' ? 'critical' : 'warning',
      title: `${part}: ${reason}`,
      since: null,
      doing: null,
    }));
}

function pending({ pending: isPending, revision, mode }: SystemView): Standing[] {
  if (isPending !== true || revision === null) return [];
  return [
    {
      what: 'pending',
      severity: 'info',
      title: 'The fleet file says what nobody has approved yet',
      since: null,
      doing:
        mode === 'enforce'
          ? 'keeps the rooms as they were last approved; see what would change with `roomd plan`'
          : 'writes nothing by itself; see what would change with `roomd plan`',
    },
  ];
}
