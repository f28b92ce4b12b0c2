import { effect, signal } from '@preact/signals';
import { who } from './session.ts';
import { nowMs } from './time.ts';

/** How the page hears of what happens: `live`; `lost` since a time, and it tries again. */
export type Connection =
  | { readonly state: 'connecting' | 'live' }
  | { readonly state: 'lost'; readonly since: number };

export const connection = signal<Connection>({ state: 'connecting' });

/** What an event is about, for those who then read what they show. */
export interface News {
  /** Null: about roomd or the fleet; `*`: anything may have changed. */
  readonly device: string | null;
  readonly kind: string;
}

type Listener = (news: News) => void;

const listeners = new Set<Listener>();

/** Tells of each event until the returned function is called. */
export function onNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const KINDS = [
  'status',
  'configuration',
  'event',
  'snapshot',
  'gap',
  'session',
  'slot',
  'write',
  'run',
  'hold',
  'macro-log',
  'trust',
  'retire',
  'fight',
  'slot-token',
  'flood',
  'access',
  'alert',
  'maintenance',
  'chat',
  'deed',
  'reset',
];

const RETRY_MS = 3_000;
/** The server says something each 15 seconds. A line that is silent for longer is dead, or the page slept. */
const SILENT_MS = 40_000;
const LOOK_MS = 5_000;

let heardAt = Date.now();
let source: EventSource | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;

function tell(news: News): void {
  for (const listener of listeners) listener(news);
}

function hear(): void {
  heardAt = Date.now();
}

function silentMs(): number {
  return Date.now() - heardAt;
}

function lose(): void {
  source?.close();
  source = null;
  if (connection.value.state !== 'lost') connection.value = { state: 'lost', since: nowMs() - silentMs() };
  clearTimeout(retry);
  retry = setTimeout(connect, RETRY_MS);
}

function connect(): void {
  clearTimeout(retry);
  source?.close();
  const stream = new EventSource('/api/v1/events?after=now');
  source = stream;
  hear();
  stream.addEventListener('ping', hear);
  stream.addEventListener('open', () => {
    hear();
    const wasLost = connection.value.state === 'lost';
    connection.value = { state: 'live' };
    // What happened while nobody listened is in what is read anew.
    if (wasLost) tell({ device: '*', kind: 'reset' });
  });
  stream.addEventListener('error', lose);
  for (const kind of KINDS) {
    stream.addEventListener(kind, (event) => {
      hear();
      const { device = null } = JSON.parse(String(event.data)) as { device?: string | null };
      tell({ device: kind === 'reset' ? '*' : device, kind });
    });
  }
}

/** Listens while somebody is signed in; a page that comes back from sleep, or whose line went dead, reads everything anew. */
export function listen(): void {
  effect(() => {
    const isIn = who.value !== null && who.value !== undefined;
    if (isIn && source === null) connect();
    if (!isIn) {
      clearTimeout(retry);
      source?.close();
      source = null;
    }
  });
  setInterval(() => {
    if (source === null || silentMs() < SILENT_MS) return;
    lose();
    connect();
  }, LOOK_MS);
}
