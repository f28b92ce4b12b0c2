import type { Clock } from '../lib/clock.ts';
import { applyDelta } from '../xapi/delta.ts';
import type { Device, SessionNews, SessionState } from '../xapi/device.ts';
import { isWithin, type PathText } from '../xapi/path.ts';
import type { DeviceFacts, DiagnosticsMessage, Peripheral } from './facts.ts';
import { Peripherals } from './peripherals.ts';

const NODES: readonly PathText[] = ['Diagnostics', 'Peripherals'];

interface Page {
  readonly device: Device;
  readonly leaves: Map<PathText, string>;
  readonly peripherals: Peripherals;
  session: DeviceFacts['session'];
  /** Whether the device told of its health since it was last connected. */
  isTold: boolean;
  stop: () => void;
}

/** States on the way, which say nothing of how the device is. */
const PASSING: ReadonlySet<SessionState> = new Set(['idle', 'connecting', 'stopped']);

/** What each device's session tells of its health, in memory; it begins empty with roomd. */
export class DeviceBook {
  readonly #pages = new Map<number, Page>();
  readonly #onNews: (device: Device, news: SessionNews) => void;
  readonly #clock: Clock;

  /** @param onNews told of whatever may be reason to look again */
  constructor(
    { onNews }: { onNews: (device: Device, news: SessionNews) => void },
    { clock }: { clock: Clock },
  ) {
    this.#onNews = onNews;
    this.#clock = clock;
  }

  /** Listens to exactly these devices from now on. */
  watch(devices: readonly Device[]): void {
    const wanted = new Set(devices);
    for (const [id, page] of this.#pages) {
      if (wanted.has(page.device)) continue;
      page.stop();
      if (!devices.some(({ address }) => address.id === id)) this.#pages.delete(id);
    }
    for (const device of devices) this.listen(device);
  }

  /** Listens to a device, instead of the one that stood for it before. */
  listen(device: Device): void {
    const before = this.#pages.get(device.address.id);
    if (before?.device === device) return;
    before?.stop();
    this.#open(device, before);
  }

  /** What was attached to a device before this process listened to it. */
  remember(deviceId: number, peripheral: Peripheral): void {
    this.#pages.get(deviceId)?.peripherals.remember(peripheral);
  }

  stop(): void {
    for (const { stop } of this.#pages.values()) stop();
  }

  of(deviceId: number): Pick<DeviceFacts, 'session' | 'diagnostics' | 'peripherals'> {
    const page = this.#pages.get(deviceId);
    if (page === undefined) return { session: null, diagnostics: null, peripherals: null };
    const { session, leaves, peripherals, isTold } = page;
    if (!isTold) return { session, diagnostics: null, peripherals: null };
    return { session, diagnostics: diagnosticsIn(leaves), peripherals: peripherals.all() };
  }

  #open(device: Device, before: Page | undefined): void {
    const page: Page = {
      device,
      leaves: new Map(before?.leaves),
      peripherals: before?.peripherals ?? new Peripherals(),
      session: before?.session ?? null,
      isTold: before?.isTold ?? false,
      stop: () => undefined,
    };
    this.#pages.set(device.address.id, page);
    page.stop = device.subscribe((news) => this.#hear(page, news));
  }

  #hear(page: Page, news: SessionNews): void {
    if (news.type === 'status') {
      const { state, reason } = news.status;
      if (PASSING.has(state)) return;
      page.session = { state, reason };
    } else if (news.type === 'snapshot') {
      page.leaves.clear();
      for (const [path, value] of news.status) if (isHealth(path)) page.leaves.set(path, value);
      page.isTold = true;
    } else if (news.type === 'delta' && news.delta.tree === 'Status') {
      const leaves = new Map([...news.delta.leaves].filter(([path]) => isHealth(path)));
      const gone = news.delta.gone.filter(isHealth);
      if (leaves.size + gone.length === 0) return;
      applyDelta(page.leaves, { leaves, gone });
    } else return;
    if (news.type !== 'status') page.peripherals.listed(page.leaves, this.#clock.now());
    this.#onNews(page.device, news);
  }
}

function isHealth(path: PathText): boolean {
  return NODES.some((node) => isWithin(path, node));
}

function diagnosticsIn(leaves: ReadonlyMap<PathText, string>): DiagnosticsMessage[] {
  return nodesIn(leaves, /^(Diagnostics\.Message\[\d+\])\.Level$/).map((node) => ({
    type: leaves.get(`${node}.Type`) ?? 'unnamed',
    level: leaves.get(`${node}.Level`) ?? '',
    text: leaves.get(`${node}.Description`) ?? '',
  }));
}

function nodesIn(leaves: ReadonlyMap<PathText, string>, pattern: RegExp): PathText[] {
  return [...leaves.keys()].flatMap((path) => pattern.exec(path)?.[1] ?? []);
}
