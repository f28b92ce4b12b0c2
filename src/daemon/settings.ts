import { userInfo } from 'node:os';
import { type SecretSource, secretSource } from '../fleet/secret-ref.ts';

/** What the process was given by its surroundings; nothing else reads `process.env`. */
export interface Surroundings {
  readonly secrets: SecretSource;
  /** systemd's socket for readiness and the watchdog; null elsewhere. */
  readonly notifySocket: string | null;
  /** How often systemd wants to hear from the daemon, in milliseconds; null where it does not. */
  readonly watchdogMs: number | null;
  readonly logLevel: string;
  /** Who runs this command, for the record of what was done. */
  readonly user: string;
  readonly noColor: boolean;
}

export function readSurroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const watchdog = Number(env['WATCHDOG_USEC']);
  const isForUs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  return {
    secrets: secretSource(env),
    notifySocket: env['NOTIFY_SOCKET'] ?? null,
    watchdogMs: watchdog > 0 && isForUs ? watchdog / 1000 : null,
    logLevel: env['ROOMD_LOG_LEVEL'] ?? 'info',
    user: env['SUDO_USER'] ?? nameOfUser(),
    noColor: env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '',
  };
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
