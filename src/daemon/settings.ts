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
  /** `NO_COLOR` is set, or `FORCE_COLOR` to 0. */
  readonly noColor: boolean;
  /** `FORCE_COLOR` is set. */
  readonly forceColor?: boolean;
  /** Where a line can be written over: not on a terminal that calls itself dumb. */
  readonly canOverwrite?: boolean;
  /** A browser can be shown to whoever runs this. */
  readonly hasDisplay?: boolean;
}

export function readSurroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  const watchdog = Number(env['WATCHDOG_USEC']);
  const isForUs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  const isOff = env['FORCE_COLOR'] === '0' || env['FORCE_COLOR'] === 'false';
  return {
    secrets: secretSource(env),
    notifySocket: env['NOTIFY_SOCKET'] ?? null,
    watchdogMs: watchdog > 0 && isForUs ? watchdog / 1000 : null,
    logLevel: env['ROOMD_LOG_LEVEL'] ?? 'info',
    user: env['SUDO_USER'] ?? nameOfUser(),
    noColor: isOff || isGiven(env['NO_COLOR']),
    forceColor: isGiven(env['FORCE_COLOR']) && !isOff,
    canOverwrite: env['TERM'] !== 'dumb',
    hasDisplay: process.platform === 'darwin' || isGiven(env['DISPLAY']) || isGiven(env['WAYLAND_DISPLAY']),
  };
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
