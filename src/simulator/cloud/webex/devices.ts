import { notAllowed, ok, type WebexAnswer, type WebexCall, WebexRefusal } from './answer.ts';
import type { WebexDevice, WebexPerson, WebexState } from './state.ts';

const STANDARD_MAX = 100;
const MOST = 1000;

/** What an item must be like for a parameter of the question (cloud facts 1.5). */
const FILTERS: Readonly<Record<string, (device: WebexDevice, asked: string) => boolean>> = {
  displayName: ({ displayName }, asked) => displayName === asked,
  workspaceId: ({ workspaceId }, asked) => workspaceId === asked,
  connectionStatus: ({ connectionStatus }, asked) => connectionStatus === asked,
  product: ({ product }, asked) => product === asked,
  type: ({ type }, asked) => type === asked,
  serial: ({ serial }, asked) => serial === asked,
  tag: ({ tags }, asked) => asked.split(',').every((tag) => tags.includes(tag)),
  software: ({ software }, asked) => software === asked,
  upgradeChannel: ({ upgradeChannel }, asked) => upgradeChannel === asked,
  locationId: ({ locationId }, asked) => locationId === asked,
  mac: ({ mac }, asked) => mac === asked,
  devicePlatform: ({ devicePlatform }, asked) => devicePlatform === asked,
};

/**
 * GET /devices and /devices/{deviceId} for administrators. A page begins at
 * `start` and has at most `max`; `byLink` says whether a page before others
 * names the next in a Link header: the specification has the header, and one
 * client of the vendor counts on `start` alone (cloud facts 1.3).
 */
export function answerDevices(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  if (method !== 'GET') throw notAllowed();
  if (call.id !== null) {
    const device = state.devices.find(({ id }) => id === call.id);
    if (device === undefined) throw new WebexRefusal(404, 'Could not find a device with provided ID.');
    return ok(showDevice(device, state));
  }
  const items = state.devices.filter((device) => fits(device, call.query));
  const [start, max] = [numberOf(call.query, 'start', 0), numberOf(call.query, 'max', STANDARD_MAX)];
  if (max < 1 || max > MOST) throw new WebexRefusal(400, `max must be an integer from 1 to ${MOST}.`);
  const end = start + Math.min(max, call.pageSize);
  const answer = ok({ items: items.slice(start, end).map((device) => showDevice(device, state)) });
  if (end >= items.length || !state.linksDevicePages) return answer;
  const next = new URLSearchParams(call.query);
  next.set('start', String(end));
  return { ...answer, headers: { link: `<${call.url}?${next.toString()}>; rel="next"` } };
}

function fits(device: WebexDevice, query: URLSearchParams): boolean {
  return Object.entries(FILTERS).every(([name, isLike]) =>
    query.getAll(name).every((asked) => isLike(device, asked)),
  );
}

function numberOf(query: URLSearchParams, name: string, standard: number): number {
  const text = query.get(name);
  if (text === null) return standard;
  if (!/^\d{1,9}$/.test(text)) throw new WebexRefusal(400, `${name} must be an integer.`);
  return Number(text);
}

/** What is null is left out. */
function showDevice(device: WebexDevice, { organization, startedAt }: WebexState): object {
  const known = Object.entries(device).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(known),
    placeId: device.workspaceId,
    orgId: organization.id,
    capabilities: ['xapi'],
    permissions: ['xapi:all'],
    created: startedAt,
    firstSeen: startedAt,
    managedBy: 'CISCO',
    plannedMaintenance: 'off',
  };
}
