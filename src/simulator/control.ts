import { createServer, type IncomingMessage, type Server } from 'node:http';
import { messageOf } from '../lib/errors.ts';
import { isFaultKind } from './faults.ts';
import { isSensorWord } from './room-sensors.ts';
import type { SimulatedDevice } from './simulated-device.ts';

export interface Control {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the endpoint by which tests and people look into devices and act on them. Plain HTTP on 127.0.0.1. */
export async function startControl(
  devices: readonly SimulatedDevice[],
  { port }: { port: number },
): Promise<Control> {
  const byName = new Map(devices.map((device) => [device.name, device] as const));
  const server = createServer((request, response) => {
    answer(byName, request)
      .catch((error: unknown) => ({ status: 400, body: { error: messageOf(error) } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(`${JSON.stringify(body)}\n`);
      })
      .catch(() => response.destroy());
  });
  const taken = await listen(server, port);
  return {
    url: `http://127.0.0.1:${taken}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

type Action = (device: SimulatedDevice, input: Input) => object | undefined;

/** What `POST /devices/NAME/…` does. */
const ACTIONS: Readonly<Record<string, Action>> = {
  people: ({ state }, input) => {
    state.people(input.number('count'));
    return undefined;
  },
  configuration: ({ state }, input) => {
    state.turnKnob(input.text('path'), input.text('value'));
    return undefined;
  },
  fault: (device, input) => {
    const kind = input.text('kind');
    if (!isFaultKind(kind)) throw new RangeError(`there is no fault "${kind}"`);
    device.fault(kind, input.optionalNumber('seconds'));
    return { fingerprint256: device.fingerprint256, serial: device.serial };
  },
  'clear-fault': (device, input) => {
    const kind = input.text('kind');
    if (!isFaultKind(kind)) throw new RangeError(`there is no fault "${kind}"`);
    device.clearFault(kind);
    return { fingerprint256: device.fingerprint256, serial: device.serial };
  },
  reboot: (device, input) => {
    device.reboot(input.optionalNumber('seconds') ?? undefined);
    return undefined;
  },
  bookings: ({ state }, input) =>
    state.bookings.add({
      title: input.optionalText('title') ?? 'Meeting',
      startAt: Date.parse(input.text('start')),
      endAt: Date.parse(input.text('end')),
      organizer: input.optionalText('organizer') ?? '',
      number: input.optionalText('number') ?? '',
    }),
  'extend-booking': ({ state }, input) => {
    const extended = state.bookings.extend(input.optionalText('booking'), input.number('minutes') * 60_000);
    if (extended === null) throw new RangeError('there is no such booking under way');
    return extended;
  },
  sensor: ({ state }, input) => {
    const name = input.text('sensor');
    if (!isSensorWord(name)) throw new RangeError(`there is no sensor "${name}"`);
    state.sensors.set(name, input.number('value'), input.optionalNumber('peripheral'));
    return undefined;
  },
  'attach-peripheral': ({ state }, input) => {
    const [name, type] = [input.optionalText('name'), input.optionalText('type')];
    const what = { ...(name === null ? {} : { name }), ...(type === null ? {} : { type }) };
    return { peripheral: state.sensors.attach(what) };
  },
  'detach-peripheral': ({ state }, input) => {
    state.sensors.detach(input.number('peripheral'));
    return undefined;
  },
  'peripheral-status': ({ state }, input) => {
    state.sensors.setLink(input.number('peripheral'), input.text('status'));
    return undefined;
  },
  diagnostic: ({ state }, input) => {
    const type = input.text('type');
    const level = input.optionalText('level');
    if (level === null) state.sensors.clear(type);
    else state.sensors.raise({ type, level, description: input.optionalText('description') ?? type });
    return undefined;
  },
  'prompt-response': ({ state }, input) => {
    if (!state.screen.respond(input.number('option')))
      throw new RangeError('no such prompt or option is shown');
    return undefined;
  },
  'panel-click': ({ state }, input) => {
    if (!state.content.clickPanel(input.text('panel'))) throw new RangeError('there is no such panel');
    return undefined;
  },
  'clear-call': ({ state }, input) => {
    if (!state.farEndHangsUp(input.optionalNumber('call') ?? 0))
      throw new RangeError('there is no such call');
    return undefined;
  },
  'incoming-call': ({ state }, input) => {
    const displayName = input.optionalText('displayName');
    const { id } = state.incomingCall({
      number: input.text('number'),
      ...(displayName === null ? {} : { displayName }),
    });
    return { call: id };
  },
};

async function answer(
  devices: ReadonlyMap<string, SimulatedDevice>,
  request: IncomingMessage,
): Promise<Answer> {
  const [, root, name, verb, ...rest] =
    (request.url ?? '').split('?')[0]?.split('/').map(decodeURIComponent) ?? [];
  const isGet = request.method === 'GET';
  if (root !== 'devices' || rest.length > 0) return NOT_FOUND;
  if (name === undefined || name === '')
    return isGet ? { status: 200, body: { devices: [...devices.values()].map(summary) } } : NOT_FOUND;
  const device = devices.get(name);
  if (device === undefined) return NOT_FOUND;
  if (verb === undefined) return isGet ? { status: 200, body: wholeTruth(device) } : NOT_FOUND;
  const action = Object.hasOwn(ACTIONS, verb) ? ACTIONS[verb] : undefined;
  if (action === undefined || request.method !== 'POST') return NOT_FOUND;
  return { status: 200, body: action(device, new Input(await readJson(request))) ?? { ok: true } };
}

const NOT_FOUND: Answer = { status: 404, body: { error: 'there is no such device or action' } };

/** How a device is named where all are listed, also in the line that `roomd simulate --json` prints. */
export function summary(device: SimulatedDevice): {
  name: string;
  host: string;
  port: number;
  product: string;
  software: string;
  serial: string;
  fingerprint256: string;
} {
  const { name, host, port, product, software, serial, fingerprint256 } = device;
  return { name, host, port, product, software, serial, fingerprint256 };
}

/** What the device truly holds, hidden settings too. */
function wholeTruth(device: SimulatedDevice): object {
  const { state, counters } = device;
  return {
    ...summary(device),
    configuration: state.core.configuration.dump(),
    status: state.core.status.dump(),
    slots: state.slots.list().map(({ slot, url, format, expressions, status }) => ({
      slot,
      url,
      format,
      expressions,
      status,
    })),
    sessions: state.sessions.list().map(({ id, user, openedAt }) => ({ id, user, openedAt })),
    sockets: device.sockets,
    calls: state.calls.list(),
    callHistory: state.calls.history,
    screen: state.screen.now(),
    screenHistory: state.screen.history,
    bookings: state.bookings.list(),
    panels: [...state.content.panels.keys()],
    macros: [...state.content.macros.values()],
    people: state.presence.people,
    faults: device.faults.list(),
    failedLogins: device.failedLogins,
    counters: {
      requests: Object.fromEntries(counters.requests),
      connections: counters.connections,
      feedbackPosts: counters.feedbackPosts,
      handshakesAtOnce: counters.handshakes.most,
      httpRequestsAtOnce: counters.httpRequests.most,
      writesAtOnce: counters.writes.most,
      written: Object.fromEntries(counters.written),
      writtenUnread: Object.fromEntries(counters.unread),
    },
  };
}

/** A posted object whose fields are asked for by type. */
class Input {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  text(name: string): string {
    const text = this.optionalText(name);
    if (text === null) throw new RangeError(`"${name}" must be text`);
    return text;
  }

  optionalText(name: string): string | null {
    const value = this.#fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  }

  number(name: string): number {
    const number = this.optionalNumber(name);
    if (number === null) throw new RangeError(`"${name}" must be a number`);
    return number;
  }

  optionalNumber(name: string): number | null {
    const value = this.#fields[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError('the body must be an object');
  return value as Readonly<Record<string, unknown>>;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
