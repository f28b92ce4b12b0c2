import { z } from 'zod';
import {
  readDatabase,
  readDuration,
  readListenAddress,
  readOrigin,
  readProxy,
  readPublicUrl,
  readSize,
  readTokenHash,
} from './forms.ts';
import { readGroup } from './rollout-schema.ts';
import { form, words } from './schema-forms.ts';

const duration = (description: string, standard: string) =>
  form(readDuration, {
    description: `${description}; ${standard} where nothing is said.`,
    examples: [standard],
  })
    // The standard is written as people write it, so that it is read by the same reader.
    .prefault(standard);

const Timing = z
  .strictObject({
    sweep: duration('The state of each device is read again this often', '15m'),
    drift: duration('In mode enforce, the configuration is compared this often', '10m'),
    slotCheck: duration('Feedback slots are checked this often', '5m'),
    connect: duration('A connection must stand within', '10s'),
    request: duration('A device must answer within', '30s'),
    ping: duration('A session is probed this often, and a probe must be answered within', '10s'),
    retryFirst: duration('The first wait before a device is tried again', '1s'),
    retryMost: duration('The longest wait before a device is tried again', '5m'),
    upgrade: duration('An upgrade (download, installation, restart) must be proven within', '60m'),
  })
  .meta({ description: 'Deadlines and intervals.' });

const size = (description: string, standard: string) =>
  form(readSize, {
    description: `${description}; ${standard} where nothing is said.`,
    examples: [standard],
  }).prefault(standard);

/** Devices take at most 8 MB in one command (D15502); a picture grows by a third on its way there. */
const Limits = z
  .strictObject({
    panel: size('The largest panel', '8MB'),
    deviceMacro: size('The largest device macro', '8MB'),
    image: size('The largest picture', '6MB'),
    script: size('The largest script of a macro', '256KB'),
  })
  .meta({ description: 'How large the files may be that this one names.' });
export type Limits = z.output<typeof Limits>;

const Retention = z.strictObject({
  events: duration('How long events are kept', '30d'),
  presence: duration('How long presence, and hours of sensors, are kept', '400d'),
  calls: duration('How long calls are kept', '400d'),
  bookings: duration('How long bookings are kept', '400d'),
  sensors: duration('How long what sensors showed is kept', '30d'),
  spans: duration(
    'How long use, standby, sessions, peripherals, Diagnostics, software and reboots are kept',
    '400d',
  ),
  utilisation: duration('How long utilisation is kept, by quarters of an hour', '1095d'),
});

const Token = z.strictObject({
  name: words({ description: 'Whose it is.', examples: ['grafana'] }),
  role: z.enum(['viewer', 'operator', 'admin']).meta({ description: 'What it may do.' }),
  devices: form(readGroup, {
    description: 'The devices that it sees and may touch; the whole fleet where nothing is said.',
    examples: ['site=oslo'],
  }).optional(),
  hash: form(readTokenHash, {
    description: 'As `roomd token create --print` shows it.',
    examples: ['scrypt:…'],
  }),
});

const SignIn = z
  .strictObject({
    idle: duration('A browser that asks for nothing is signed out after', '12h'),
    most: duration('A browser is signed out at the latest after', '7d'),
  })
  .meta({ description: 'How long browsers stay signed in.' });

const TlsFiles = z.strictObject({
  cert: words({ description: 'A PEM file.', examples: ['certs/roomd.pem'] }),
  key: words({ description: 'A PEM file.', examples: ['certs/roomd.key'] }),
});

const FeedbackReceiver = z.strictObject({
  listen: form(readListenAddress, {
    description: 'Address and port that devices post to; not those of daemon.listen.',
    examples: ['0.0.0.0:8443'],
  }).prefault('0.0.0.0:8443'),
  publicUrl: form(readPublicUrl, {
    description: 'The same place as devices see it; without it roomd registers no slots.',
    examples: ['https://rooms.example.com:8443'],
  }).optional(),
  tls: TlsFiles.optional().meta({
    description: 'Certificate and key for that place; plain HTTP without them.',
  }),
  tokenLife: form(readDuration, {
    description:
      'The secret part of the URL that a device posts to is replaced when it is so old; never where nothing is said.',
    examples: ['90d'],
  }).optional(),
  postsPerSecond: z
    .int({ error: 'write a whole number from 1 to 1000.' })
    .min(1, { error: 'write a whole number from 1 to 1000.' })
    .max(1_000, { error: 'write a whole number from 1 to 1000.' })
    .default(20)
    .meta({
      description:
        'A device that keeps posting faster is answered later, so that it does not slow others; a short burst is no matter.',
      examples: [20],
    }),
});

const Sessions = z
  .strictObject({
    leaveFree: z
      .int({ error: 'write a whole number from 0 to 20.' })
      .min(0, { error: 'write a whole number from 0 to 20.' })
      .max(20, { error: 'write a whole number from 0 to 20.' })
      .default(5)
      .meta({
        description:
          'So many web sessions of each device are left to people (a device has 20 or 30 in all): where fewer are free, roomd ends its own and begins none.',
        examples: [5],
      }),
  })
  .meta({ description: 'What roomd leaves of the sessions that devices have.' });

const MOST_DEVICES = 'write a whole number from 0 to 10000.';

const Metrics = z
  .strictObject({
    devices: z
      .int({ error: MOST_DEVICES })
      .min(0, { error: MOST_DEVICES })
      .max(10_000, { error: MOST_DEVICES })
      .default(500)
      .meta({
        description:
          'Each device has series of its own (roomd_device_…) while the fleet has no more devices than this; 0: never. All other metrics count and name no device.',
        examples: [500],
      }),
  })
  .meta({ description: 'What /metrics shows.' });

/** How the daemon itself runs. */
export const DaemonFile = z
  .strictObject({
    mode: z.enum(['observe', 'enforce']).default('observe').meta({
      description:
        'observe: roomd by itself writes nothing to devices; enforce: it keeps the approved revision.',
    }),
    listen: form(readListenAddress, {
      description: 'Address and port of the API; without any token or user it answers this machine only.',
      examples: ['127.0.0.1:8080'],
    }).prefault('127.0.0.1:8080'),
    tls: TlsFiles.optional().meta({
      description: 'Certificate and key for the API; plain HTTP without them. Read again when they change.',
    }),
    trustProxy: z
      .array(form(readProxy, { examples: ['127.0.0.1', '10.0.0.0/8'] }))
      .default([])
      .meta({
        description:
          'Addresses of reverse proxies: of what comes from there X-Forwarded-For, -Proto and -Host are believed.',
      }),
    feedback: FeedbackReceiver.prefault({}).meta({ description: 'Where devices post to.' }),
    sessions: Sessions.prefault({}),
    database: form(readDatabase, {
      description: 'A relative path counts from this file.',
      examples: ['sqlite:./data/roomd.db'],
    }).prefault('sqlite:./data/roomd.db'),
    retention: Retention.prefault({}).meta({ description: 'How long it is kept what devices told.' }),
    metrics: Metrics.prefault({}),
    cors: z
      .array(form(readOrigin, { examples: ['https://board.example.com'] }))
      .default([])
      .meta({
        description: 'Origins whose web pages may use the API from the browser; none where absent.',
        examples: [['https://board.example.com']],
      }),
    tokens: z.array(Token).default([]).meta({
      description:
        'Who may use the API, as `roomd token create --print` shows them; tokens and users of the database come on top.',
    }),
    signIn: SignIn.prefault({}),
    timing: Timing.prefault({}),
    limits: Limits.prefault({}),
  })
  .meta({ id: 'Daemon', description: 'How the daemon itself runs.' });
export type DaemonFile = z.output<typeof DaemonFile>;
