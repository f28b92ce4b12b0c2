import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { connection } from './live.ts';
import { Alerts } from './pages/alerts.tsx';
import { Audit } from './pages/audit.tsx';
import { Changes } from './pages/changes.tsx';
import { Device } from './pages/device.tsx';
import { Devices } from './pages/devices.tsx';
import { Login } from './pages/login.tsx';
import { Macros } from './pages/macros.tsx';
import { Now } from './pages/now.tsx';
import { System } from './pages/system.tsx';
import { Use } from './pages/use.tsx';
import { path, under } from './route.ts';
import { readSession, sessionProblem, signOut, who } from './session.ts';
import { since } from './time.ts';

interface Page {
  readonly at: string;
  readonly title: string;
  readonly Show: ComponentType;
}

const PAGES: readonly Page[] = [
  { at: '/', title: 'Now', Show: Now },
  { at: '/devices', title: 'Devices', Show: Devices },
  { at: '/changes', title: 'Changes', Show: Changes },
  { at: '/use', title: 'Use', Show: Use },
  { at: '/macros', title: 'Macros', Show: Macros },
  { at: '/alerts', title: 'Alerts', Show: Alerts },
  { at: '/audit', title: 'Audit', Show: Audit },
  { at: '/system', title: 'System', Show: System },
];

export function App() {
  if (sessionProblem.value !== null && who.value === undefined) {
    return (
      <main class="alone">
        <h1>roomd does not answer</h1>
        <p>{sessionProblem.value.message}. Is the daemon running?</p>
        <button type="button" class="main" onClick={() => void readSession()}>
          Try again
        </button>
      </main>
    );
  }
  if (who.value === undefined) return <p class="loading">Loading…</p>;
  if (who.value === null) return <Login />;
  return <Site />;
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

function Site() {
  const device = under('/devices');
  const page = device === null ? PAGES.find(({ at }) => at === path.value) : undefined;
  const title = device ?? page?.title ?? 'Not found';
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · roomd`;
    // A screen reader hears that another page is there.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header>
        <a href="/" class="name">
          <img src="/icon.svg" alt="" width="24" height="24" /> roomd
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ at, title }) => (
            <a key={at} href={at} aria-current={isWithin(at) ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Line />
        <Person />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Shell device={device} page={page} />
      </main>
      <footer class="hint">Times are by the clock of this browser: {ZONE}.</footer>
    </>
  );
}

function Shell({ device, page }: { device: string | null; page: Page | undefined }) {
  if (device !== null) return <Device key={device} name={device} />;
  if (page !== undefined) return <page.Show />;
  return (
    <>
      <h1>No such page</h1>
      <p>
        <a href="/">Go to what is going on now</a>
      </p>
    </>
  );
}

function isWithin(at: string): boolean {
  return at === path.value || (at !== '/' && path.value.startsWith(`${at}/`));
}

/** Whether what is shown follows what happens. */
function Line() {
  const line = connection.value;
  if (line.state === 'live') return <span class="line good">Live</span>;
  return (
    <span class="line bad" role="status">
      {line.state === 'lost'
        ? `Not live for ${since(new Date(line.since).toISOString())}: trying again`
        : 'Connecting…'}
    </span>
  );
}

function Person() {
  const person = who.value;
  if (person === null || person === undefined) return null;
  return (
    <span class="person">
      <span title={person.devices === null ? 'all rooms' : `rooms: ${person.devices}`}>
        {person.name} ({person.role}
        {person.devices === null ? '' : `, ${person.devices}`})
      </span>
      {person.csrf !== null && (
        <button type="button" class="plain" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </span>
  );
}
