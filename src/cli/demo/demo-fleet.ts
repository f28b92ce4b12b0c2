/** What the demo's file needs to know of its surroundings. */
export interface DemoPlaces {
  readonly devices: readonly { readonly name: string; readonly port: number; readonly kind: string }[];
  readonly apiPort: number;
  readonly feedbackPort: number;
  /** Where devices are told to post; another port than the receiver's when the slots are to be damaged. */
  readonly publicPort: number;
  readonly webexUrl: string;
  readonly roomId: string;
  readonly standupNumber: string;
}

/** The fleet file of the demo, as a facilities person would write it. Its secrets are references, as they should be. */
export function demoFleet(places: DemoPlaces): string {
  const { devices, apiPort, feedbackPort, publicPort, webexUrl, roomId, standupNumber } = places;
  const lines = devices.map(({ name, port, kind }) => {
    const standup = name === STANDUP_DEVICE ? ', standup: true' : '';
    return `  - { name: ${name}, host: "127.0.0.1:${port}", kind: ${kind}, tags: { site: oslo${standup} } }`;
  });
  return `version: 1

daemon:
  mode: enforce
  listen: 127.0.0.1:${apiPort}
  database: sqlite:./roomd.db
  feedback:
    listen: 127.0.0.1:${feedbackPort}
    publicUrl: http://127.0.0.1:${publicPort}
  timing: { sweep: 60s, drift: 60s, connect: 3s, request: 5s, ping: 5s, retryFirst: 500ms, retryMost: 4s }

credentials:
  rooms: { username: admin, password: "\${env:ROOMD_DEMO_PASSWORD}" }

defaults:
  credentials: rooms
  tls: pin
  timezone: Europe/Oslo
  configuration:
    RoomAnalytics.PeoplePresenceDetector: On
    RoomAnalytics.PeopleCountOutOfCall: On
    Audio.DefaultVolume: 60
    Standby: { Control: On, Delay: 30 }
  feedback:
    expressions: [/Status/RoomAnalytics, /Status/Call, /Status/Standby]

devices:
${lines.join('\n')}

calls: { allow: ["*@example.com"] }

macros:
  - name: morning-standup
    when: { schedule: "0 9 * * *" }
    devices: tag:standup
    if: "!inCall"
    steps:
      - dial: { number: ${standupNumber}, countdown: 3s }
      - notify: { to: ops, markdown: "**{{device.name}}** joined the stand-up" }

notifiers:
  ops: { webex: { roomId: "${roomId}", token: "\${env:ROOMD_DEMO_WEBEX_TOKEN}", baseUrl: "${webexUrl}" } }
`;
}

/** The device that joins the stand-up. */
export const STANDUP_DEVICE = 'fjord';
