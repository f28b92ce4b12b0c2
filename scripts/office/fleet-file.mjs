import { ROOMS } from './rooms.mjs';

const BERGEN = ['cliff', 'dune', 'ember', 'grove'];
const CANARY = 'birch';

/** The fleet file; `delay` is the minutes until a room sleeps. */
export function fleetFile(devices, webex, delay) {
  return `version: 1
daemon:
  mode: enforce
  listen: 127.0.0.1:0
  database: sqlite:./roomd.db
  timing: { sweep: 30s, drift: 5s, connect: 2s, request: 5s, ping: 5s, retryFirst: 500ms, retryMost: 4s }
credentials:
  rooms: { username: roomd, password: "\${env:ROOM_PASSWORD}" }
defaults:
  credentials: rooms
  timezone: Europe/Oslo
  configuration:
    Audio.DefaultVolume: 60
    RoomAnalytics: { PeoplePresenceDetector: On, PeopleCountOutOfCall: On }
    Standby: { Control: On, Delay: ${delay} }
  drift: { Audio.DefaultVolume: report }
  feedback:
    expressions: [/Status/RoomAnalytics, /Status/Call, /Status/Standby, /Status/Bookings]
devices:
${devices.map(deviceLine).join('\n')}
rollout: { canary: tag:canary, rings: [site=oslo, site=bergen], soak: 30m, failureBudget: 2 }
calls: { allow: ["*@example.com"] }
macros:
  - name: morning-standup
    description: Joins the stand-up where somebody is in the room
    when: { schedule: "55 9 * * 1-5" }
    devices: name=aurora
    steps:
      - dial: { number: standup@example.com, countdown: 3s }
      - notify: { to: facilities, markdown: "**{{device.name}}** joined the stand-up" }
  - name: quiet-evening
    description: Puts empty rooms to sleep
    when: { schedule: "0 20 * * *" }
    devices: all
    if: presence == 'no' && callKnown && !inCall
    steps:
      - standby: on
  - name: welcome
    description: A word on the screen in the morning
    when: { schedule: "30 8 * * 1-5" }
    devices: site=oslo
    steps:
      - message: { text: Good morning, duration: 20s }
notifiers:
  facilities: { webex: { roomId: "${webex.rooms[0].id}", token: "\${env:WEBEX_TOKEN}", baseUrl: "${webex.url}" } }
alerts:
  notify: [facilities]
  rules:
    device-offline: { for: 1s }
    credentials-refused: { for: 1s }
`;
}

function deviceLine({ name, port }) {
  const { kind, seats } = ROOMS.find((room) => room.name === name);
  const site = BERGEN.includes(name) ? 'bergen' : 'oslo';
  const canary = name === CANARY ? ', canary: true' : '';
  return `  - { name: ${name}, host: "127.0.0.1:${port}", kind: ${kind}, capacity: ${seats}, tags: { site: ${site}${canary} } }`;
}
