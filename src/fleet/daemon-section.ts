import { dirname, resolve } from 'node:path';
import type { DaemonFile } from './daemon-schema.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DaemonSection } from './fleet.ts';
import {
  formatHostPort,
  type HostPort,
  isLoopback,
  readDatabase,
  readListenAddress,
  readPublicUrl,
  Wrong,
} from './forms.ts';
import type { Problem } from './problem.ts';

/** What the command line says instead of the file. A relative database path counts from the working directory there. */
export type Overrides = Partial<
  Readonly<Record<'listen' | 'feedbackListen' | 'publicUrl' | 'database' | 'mode', string>>
>;

/** The daemon's settings, paths made absolute, the command line's words laid over the file's. */
export function daemonSection(
  yaml: YamlFile,
  written: DaemonFile,
  file: string,
  overrides: Overrides,
): { daemon: DaemonSection; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const option = <Value>(
    name: keyof Overrides,
    flag: string,
    read: (text: string) => Value | Wrong,
  ): Value | undefined => {
    const text = overrides[name];
    if (text === undefined) return undefined;
    const value = read(text);
    if (!(value instanceof Wrong)) return value;
    problems.push({ severity: 'error', place: null, path: flag, message: value.message });
    return undefined;
  };
  const folder = dirname(file);
  const listen = option('listen', '--listen', readListenAddress) ?? written.listen;
  const receiver =
    option('feedbackListen', '--feedback-listen', readListenAddress) ?? written.feedback.listen;
  const database = option('database', '--database', readDatabaseOption);
  const tlsOf = (tls: DaemonFile['tls']): DaemonSection['tls'] =>
    tls === undefined ? null : { certFile: resolve(folder, tls.cert), keyFile: resolve(folder, tls.key) };
  const { tls, publicUrl } = written.feedback;
  const daemon: DaemonSection = {
    mode: option('mode', '--mode', readMode) ?? written.mode,
    listen: formatHostPort(listen),
    tls: tlsOf(written.tls),
    trustProxy: written.trustProxy,
    feedback: {
      listen: formatHostPort(receiver),
      publicUrl: option('publicUrl', '--public-url', readPublicUrl) ?? publicUrl ?? null,
      tls: tlsOf(tls),
      tokenLifeMs: written.feedback.tokenLife ?? null,
      postsPerSecond: written.feedback.postsPerSecond,
    },
    sessions: written.sessions,
    databaseFile: database === undefined ? resolve(folder, written.database) : resolve(database),
    retentionMs: written.retention,
    metrics: { mostDevices: written.metrics.devices },
    cors: written.cors,
    tokens: written.tokens.map((token) => ({ ...token, devices: token.devices?.text ?? null })),
    signIn: { idleMs: written.signIn.idle, mostMs: written.signIn.most },
    timing: timingOf(written.timing),
  };
  problems.push(...judge(yaml, { listen, receiver, daemon }, overrides));
  return { daemon, problems };
}

function timingOf(written: DaemonFile['timing']): DaemonSection['timing'] {
  return {
    sweepMs: written.sweep,
    driftMs: written.drift,
    slotCheckMs: written.slotCheck,
    connectMs: written.connect,
    requestMs: written.request,
    pingMs: written.ping,
    retryFirstMs: written.retryFirst,
    retryMostMs: written.retryMost,
    upgradeMs: written.upgrade,
  };
}

function judge(
  yaml: YamlFile,
  { listen, receiver, daemon }: { listen: HostPort; receiver: HostPort; daemon: DaemonSection },
  overrides: Overrides,
): Problem[] {
  const problems: Problem[] = [];
  if (!isLoopback(listen) && daemon.tls === null && daemon.trustProxy.length === 0) {
    const message = `the API speaks plain HTTP to the network at ${formatHostPort(listen)}, where tokens and passwords can be read: give daemon.tls, or put a reverse proxy with TLS in front of it and name it in daemon.trustProxy.`;
    problems.push(
      overrides.listen === undefined
        ? yaml.warning(['daemon', 'listen'], message)
        : { severity: 'warning', place: null, path: '--listen', message },
    );
  }
  if (collide(listen, receiver))
    problems.push(
      yaml.error(
        ['daemon', 'feedback', 'listen'],
        `${formatHostPort(receiver)} is taken by daemon.listen; devices post to an address and port of their own.`,
      ),
    );
  if (daemon.timing.retryFirstMs > daemon.timing.retryMostMs)
    problems.push(
      yaml.error(
        ['daemon', 'timing'],
        'retryFirst is longer than retryMost; the first wait is the shortest.',
      ),
    );
  const names = new Set<string>();
  for (const [index, { name }] of daemon.tokens.entries()) {
    if (names.has(name))
      problems.push(
        yaml.error(
          ['daemon', 'tokens', index, 'name'],
          `there are two tokens named "${name}"; the log could not tell them apart.`,
        ),
      );
    names.add(name);
  }
  return problems;
}

function collide(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.port !== 0 && (a.host === b.host || isAny(a) || isAny(b));
}

function isAny({ host }: HostPort): boolean {
  return host === '0.0.0.0' || host === '[::]';
}

function readMode(text: string): DaemonSection['mode'] | Wrong {
  if (text === 'observe' || text === 'enforce') return text;
  return new Wrong(`"${text}" is not one of: observe, enforce.`);
}

function readDatabaseOption(text: string): string | Wrong {
  return text.includes(':') ? readDatabase(text) : text;
}
