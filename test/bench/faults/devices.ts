import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { PlanOutput } from '../../../src/actions/plan.ts';
import { newKeyPair, selfSign } from '../../../src/simulator/certificate.ts';
import { presencePost } from '../../feedback/posts.ts';
import { post } from '../../feedback/receiver-client.ts';
import { type FaultWorld, isUp, slotUrl, withDaemon } from './daemon.ts';
import { pause, until } from './ears.ts';
import type { Fault } from './fault.ts';

const NAMES = ['room-1', 'room-2'];
const ODD = 'odd';
const PLAN_MS = 15_000;
const POST_MS = 2_000;
const APART =
  'a plan ends within 15 s with a sentence for it, it has no session, the others have a plan, a session, and their posts answered within 2 s';
const FOUND_OUT =
  'its session is found out within 10 s and is up again 10 s after it answers, the others have theirs all along';

/** Devices that answer in ways that no device should, beside others that are well. */
export const DEVICE_FAULTS: readonly Fault[] = [
  odd('a device whose port accepts and never speaks', () => createServer()),
  odd('a device that answers one byte a second', trickling),
  {
    fault: 'a device whose sockets stay open and say nothing (half-open)',
    expected: FOUND_OUT,
    try: () => withDaemon({ names: NAMES }, halfOpen),
  },
];

function odd(fault: string, newServer: () => Server): Fault {
  return {
    fault,
    expected: APART,
    try: () =>
      withServer(newServer(), (port) =>
        withDaemon({ names: NAMES, others: [{ name: ODD, port }] }, besideOdd),
      ),
  };
}

async function besideOdd(world: FaultWorld): Promise<string> {
  const roomd = await world.start();
  const begun = performance.now();
  const planning = world.command('plan', '--fresh', '--json');
  const slowestMs = await slowestPost(world, planning);
  const { out } = await planning;
  const tookMs = performance.now() - begun;
  const { devices } = JSON.parse(out) as PlanOutput;
  const plan = devices.find(({ name }) => name === ODD);
  const shown = (await roomd.devices()).find(({ name }) => name === ODD);
  const unplanned = devices.filter(({ name, state }) => name !== ODD && !PLANNED.has(state));
  const faults = [
    tookMs > PLAN_MS && `the plan took ${Math.round(tookMs)} ms`,
    (plan?.reason ?? '').length < 20 && `the plan says ${plan?.state}: ${plan?.reason}`,
    shown?.session.state === 'up' && 'it has a session',
    unplanned.length > 0 && `no plan: ${unplanned.map(({ name, state }) => `${name} ${state}`).join()}`,
    !(await isUp(roomd, NAMES)) && 'sessions of the others are gone',
    slowestMs > POST_MS && `a post took ${Math.round(slowestMs)} ms`,
  ].filter((one) => one !== false);
  return faults.length === 0 ? APART : faults.join(', ');
}

const PLANNED: ReadonlySet<string> = new Set(['in-sync', 'drift']);

/** Posts as the well devices do, until the work is over. */
async function slowestPost({ simulator }: FaultWorld, work: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  void work.finally(() => over.abort());
  let slowestMs = 0;
  while (!over.signal.aborted) {
    for (const device of simulator.devices) {
      const url = new URL(slotUrl(device) ?? '');
      const begun = performance.now();
      const status = await post(Number(url.port), url.pathname, presencePost('No', device.serial));
      slowestMs = Math.max(slowestMs, status === 200 ? performance.now() - begun : Number.POSITIVE_INFINITY);
    }
    await pause(100);
  }
  return slowestMs;
}

async function halfOpen(world: FaultWorld): Promise<string> {
  const [silent, other] = NAMES;
  if (silent === undefined || other === undefined) throw new Error('two devices are needed');
  const { simulator } = world;
  const roomd = await world.start();
  let isOtherUp = true;
  const look = async (): Promise<boolean> => {
    isOtherUp &&= await isUp(roomd, [other]);
    return isUp(roomd, [silent]);
  };
  simulator.device(silent).fault('half-open', null);
  const isFoundOut = await until(async () => !(await look()), 10_000);
  simulator.device(silent).clearFault('half-open');
  const isBack = await until(look, 10_000);
  const faults = [
    !isFoundOut && 'it is not found out',
    !isBack && 'it is not up again',
    !isOtherUp && "the other's session was gone",
  ].filter((one) => one !== false);
  return faults.length === 0 ? FOUND_OUT : faults.join(', ');
}

/** Shakes hands as a device does, and then gives its answer byte by byte. */
function trickling(): Server {
  const keys = newKeyPair();
  const { pem } = selfSign(keys, { commonName: 'odd', now: Date.now() });
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
  return createTlsServer({ cert: pem, key }, (socket) => {
    const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4000\r\n\r\n${'<Status>'.repeat(500)}`;
    let at = 0;
    const timer = setInterval(() => {
      socket.write(answer.charAt(at));
      at += 1;
    }, 1_000);
    socket.on('close', () => clearInterval(timer)).on('error', () => undefined);
    socket.resume();
  });
}

async function withServer<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}
