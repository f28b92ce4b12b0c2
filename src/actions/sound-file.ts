import { foremost } from '../fleet/problem.ts';
import { ActionError } from './action.ts';
import type { Ports } from './ports.ts';

/** Nobody begins anything by a file that is not the one on the disk. @throws ActionError `conflict` */
export function requireSoundFile(ports: Pick<Ports, 'fileProblems'>): void {
  const problem = foremost(ports.fileProblems());
  if (problem !== undefined)
    throw new ActionError(
      'conflict',
      `the file on the disk is broken and not in force: ${problem.message}; mend it first`,
    );
}

/** The same, and that the file is still the one whose plan somebody saw; null: nobody saw one. @throws ActionError `conflict`, `stale` */
export function requirePlannedFile(
  ports: Pick<Ports, 'fileProblems' | 'fleet'>,
  fingerprint: string | null,
): void {
  requireSoundFile(ports);
  if (fingerprint !== null && fingerprint !== ports.fleet().fingerprint)
    throw new ActionError('stale', 'the file has changed since that plan was made; look at a new plan first');
}
