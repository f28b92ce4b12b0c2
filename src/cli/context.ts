import type { Surroundings } from '../daemon/settings.ts';
import type { Clock } from '../lib/clock.ts';
import type { NewId, Random } from '../lib/random.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly surroundings: Surroundings;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly workingDirectory: string;
  /** Aborts on the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Options that stand before every command. */
export interface GlobalOptions {
  readonly fleet: string;
  readonly json: boolean;
  readonly listen?: string;
  readonly feedbackListen?: string;
  readonly publicUrl?: string;
  readonly database?: string;
  readonly mode?: 'observe' | 'enforce';
}
