import { z } from 'zod';
import { readAccountRoles } from './account-role.ts';
import { contentShape } from './content-schema.ts';
import { DaemonFile } from './daemon-schema.ts';
import {
  readCommandPath,
  readDeviceHost,
  readDeviceName,
  readExpression,
  readFingerprint,
  readTagName,
  readTimezone,
  readTlsWord,
} from './forms.ts';
import { readMac, readSerial } from './inventory/identity.ts';
import { Inventory } from './inventory/inventory-schema.ts';
import { readMoment } from './local-time.ts';
import { MOST_EXPRESSIONS } from './most-expressions.ts';
import { Notifier } from './notifier-schema.ts';
import { Rollout, readGroup } from './rollout-schema.ts';
import { form, integer, words } from './schema-forms.ts';
import { readDriftPath, readSettingPath } from './settings.ts';
import { Systems } from './systems/systems-schema.ts';

/**
 * The one definition of fleet.yaml: its types, its validation and, by
 * `json-schema.ts`, what editors know about it. What needs more than one place
 * of the file to judge stands in `validate.ts`.
 */

/** A tree of settings: names within names, or whole dotted paths; a leaf is a text. */
type SettingTree = { [name: string]: string | SettingTree };

const SettingTree: z.ZodType<SettingTree, SettingTree> = z
  .record(
    z.string(),
    z.union([z.string().meta({ type: ['string', 'number', 'boolean'] }), z.lazy(() => SettingTree)], {
      error: ({ input }) => whyNoSetting(input),
    }),
  )
  .meta({
    id: 'Configuration',
    description:
      'xConfiguration settings. Trees and dotted paths mean the same: "Standby: { Control: On }" is "Standby.Control: On". An index stands in brackets: Video.Output.Connector[1].Resolution.',
    examples: [{ 'RoomAnalytics.PeoplePresenceDetector': 'On' }],
  });

function whyNoSetting(input: unknown): string {
  if (input === null)
    return 'this setting has no value: write one, write "" for an empty text, or take the line out.';
  if (Array.isArray(input))
    return 'a list cannot stand in configuration: an index is written as Connector[1], or as a number below the name.';
  return 'a setting is a text, or names with settings below them.';
}

const Tags = z.record(form(readTagName), words({})).meta({
  description: 'Words to select devices by. Not `name` and `kind`.',
  examples: [{ site: 'oslo', floor: 3 }],
});

const Tls = z
  .union(
    [
      form(readTlsWord, {
        description:
          'ca: an authority vouches; pin: the certificate met first is kept to; insecure: anything is taken.',
        examples: ['pin'],
      }),
      z
        .strictObject({
          pin: form(readFingerprint, { description: 'SHA-256 fingerprint.', examples: ['SHA256:AB:CD:…'] }),
        })
        .transform(({ pin }) => ({ mode: 'pin', fingerprint256: pin }) as const),
      z
        .strictObject({
          ca: words({ description: 'A PEM file with the authority.', examples: ['certs/ca.pem'] }),
        })
        .transform(({ ca }) => ({ mode: 'ca', caFile: ca }) as const),
    ],
    {
      error:
        'this is no way to trust a device: write ca, pin or insecure, or { pin: SHA256:… }, or { ca: FILE }.',
    },
  )
  .meta({
    description:
      'How roomd knows the device: pin keeps to the certificate that it shows first, { pin } to the one you give; ca asks an authority that this machine trusts, { ca } one from a file; insecure takes anything, with a warning.',
    default: 'pin',
  });

const Feedback = z
  .strictObject({
    expressions: z
      .array(form(readExpression, { examples: ['/Status/RoomAnalytics'] }))
      .max(2 * MOST_EXPRESSIONS, {
        error: ({ input }) =>
          `two feedback slots take at most ${2 * MOST_EXPRESSIONS} expressions, here are ${Array.isArray(input) ? input.length : 'more'}; name a common root instead, such as /Status/RoomAnalytics.`,
      })
      .meta({
        description:
          'What devices report, each beginning with /Status/, /Event or /Configuration; without any no slot is registered.',
        examples: [['/Status/Call']],
      }),
    format: z.enum(['XML', 'JSON']).meta({ description: 'The form of the posts.', default: 'XML' }),
    slot: integer()
      .min(1, { error: 'a device has the feedback slots 1 to 4.' })
      .max(4, { error: 'a device has the feedback slots 1 to 4.' })
      .refine((slot) => slot !== 3, {
        error:
          'feedback slot 3 belongs to TMS, which takes it back; write 1, 2 or 4, or leave the choice to roomd.',
      })
      .meta({
        description: '1, 2 or 4, for 3 belongs to TMS; a free one where nothing is said.',
        examples: [2],
      }),
    slots: integer()
      .min(1, { error: 'roomd uses one slot, or two.' })
      .max(2, { error: 'roomd uses one slot, or two.' })
      .meta({
        description:
          'Over how many slots the expressions are spread: one takes 15, on RoomOS 26 it takes 50. With 2 a device needs two free ones.',
        examples: [2],
        default: 1,
      }),
  })
  .partial()
  .meta({ description: 'What devices report to roomd by themselves.' });

const DRIFT = ['correct', 'report', 'ignore'] as const;

const Drift = z
  .union([z.enum(DRIFT), z.record(form(readDriftPath), z.enum(DRIFT))], {
    error: 'write correct, report or ignore, or paths with one of these behind each.',
  })
  .meta({
    description:
      'What happens when somebody changes a setting on the device: it is put back, shown and left, or neither. A word holds for the settings that this layer sets, a path for itself and all below it, "all" for every setting.',
    examples: ['report', { 'Audio.DefaultVolume': 'ignore' }],
    default: 'correct',
  });

const layerShape = {
  credentials: words({
    description: 'A name under credentials; every device needs one.',
    examples: ['roomd'],
  }),
  tls: Tls,
  timezone: form(readTimezone, {
    description: 'Where the device stands.',
    examples: ['Europe/Oslo'],
    default: 'UTC',
  }),
  tags: Tags,
  capacity: integer()
    .min(1, { error: 'a room is for at least one person.' })
    .meta({
      description: 'How many people the room is for; what the device says where nothing is said here.',
      examples: [8],
    }),
  protected: z.boolean({ error: 'write true or false.' }).meta({
    description:
      'true: roomd reads this device and never writes to it by itself: no drift repair, slot, macro, rollout or upgrade. An apply leaves it out unless its selector calls it by name.',
    default: false,
  }),
  configuration: SettingTree,
  drift: Drift,
  feedback: Feedback,
  ...contentShape,
};

/** What only a layer below the device may say. */
const sharedShape = {
  ...layerShape,
  lock: z
    .array(form(readSettingPath, { examples: ['NetworkServices'] }))
    .meta({ description: 'Settings and subtrees that no layer above this one may change.' }),
};

/** What `defaults` and a profile may say. */
export const Layer = z
  .strictObject(sharedShape)
  .partial()
  .meta({ id: 'Layer', description: 'Settings for every device that this applies to.' });
export type Layer = z.output<typeof Layer>;

/** One entry of `layers`: chosen by a selector instead of being named by the device. */
export const ChosenLayer = z
  .strictObject({
    name: words({ description: 'How explanations and problems name it.', examples: ['oslo'] }),
    devices: form(readGroup, {
      description: 'A selector: for which devices it holds.',
      examples: ['site=oslo & floor=3'],
    }),
    ...z.strictObject(sharedShape).partial().shape,
  })
  .meta({ id: 'ChosenLayer', description: 'What holds for every device that the selector fits.' });
export type ChosenLayer = z.output<typeof ChosenLayer>;

export const Override = z
  .strictObject({
    until: form(readMoment, {
      description: "Its end: by the device's own clock, or with an offset from UTC.",
      examples: ['2026-12-01T08:00'],
    }),
    reason: words({ description: 'Why, for whoever wonders.', examples: ['town hall meeting'] }),
    configuration: SettingTree,
  })
  .meta({ description: 'Settings that hold for a while and then return by themselves.' });
export type Override = z.output<typeof Override>;

export const Device = z
  .strictObject({
    name: form(readDeviceName, {
      description:
        'How people name it: letters, digits, dots, dashes and underscores. Names that differ in upper and lower case alone are taken for one.',
      examples: ['boardroom-1'],
    }),
    host: form(readDeviceHost, {
      description:
        'IP address or host name, with the port where it is not 443: 10.0.3.11:8443. IPv6 stands in brackets and quotes: "[2001:db8::11]:443".',
      examples: ['10.0.3.11'],
    }).optional(),
    mac: form(readMac, {
      description:
        'Its MAC address, by which inventory knows it; without host its address is taken from there.',
      examples: ['00:11:22:33:44:55'],
    }).optional(),
    serial: form(readSerial, {
      description: 'Its serial number, by which inventory may know it, too.',
      examples: ['FOC1923NVVN'],
    }).optional(),
    kind: z
      .enum(['board', 'room', 'desk'])
      .optional()
      .meta({ description: 'Checked against the product that answers.' }),
    formerly: form(readDeviceName, {
      description: 'The name it had before; its history goes on under the new one.',
      examples: ['boardroom-old'],
    }).optional(),
    profiles: z
      .array(words({ examples: ['boardroom'] }))
      .optional()
      .meta({ description: 'Names under profiles; a later one wins over an earlier one.' }),
    ...z.strictObject(layerShape).partial().shape,
    overrides: z
      .array(Override)
      .optional()
      .meta({ description: 'Settings that hold for a while and then return by themselves.' }),
  })
  .meta({ id: 'Device', description: 'One device.' });
export type Device = z.output<typeof Device>;

export const Credential = z
  .strictObject({
    username: words({ description: 'The account on the devices.', examples: ['roomd-admin'] }),
    password: words({
      description:
        '${env:NAME}, ${file:path} or ${credential:name}; the password itself is taken with a warning.',
      examples: ['${credential:room-password}'],
    }),
    role: z
      .union([form(readAccountRoles), z.array(form(readAccountRoles)).min(1)], {
        error: 'write admin, integrator, roomcontrol, user or audit, or several as a list.',
      })
      .transform((roles) => [...new Set(roles.flat())])
      .optional()
      .meta({
        description:
          'What the account is on the devices: admin (where nothing is said), integrator, roomcontrol, user or audit, or several. Writing takes admin.',
        examples: ['admin'],
      }),
    next: words({
      description:
        'What the password is to be replaced by, a reference like it; roomd rotate start sets it on the devices.',
      examples: ['${credential:room-password-next}'],
    }).optional(),
  })
  .meta({ id: 'Credential', description: 'How roomd logs in to devices.' });
export type Credential = z.output<typeof Credential>;

const identityForm = (whom: string) =>
  z
    .enum(['none', 'domain', 'hashed', 'full'], { error: 'write none, domain, hashed or full.' })
    .default('none')
    .meta({
      description: `${whom}: none (nothing), domain (what stands behind the @), hashed (a keyed hash, so that one can be told from another), full (the address); none where nothing is said.`,
    });

/** What roomd may store of identities; applied before anything reaches the disk. */
export const Privacy = z
  .strictObject({
    remote: identityForm('The other party of a call'),
    organizer: identityForm('Whoever booked a meeting'),
    series: z.enum(['none', 'hashed'], { error: 'write none or hashed.' }).default('none').meta({
      description:
        'What tells the bookings of a series: none (nothing), hashed (a keyed hash of title and organizer together), so that macros can count how often a series was not used; none where nothing is said.',
    }),
  })
  .meta({ id: 'Privacy', description: 'What may be stored of people. A change counts for what comes.' });
export type Privacy = z.output<typeof Privacy>;

const named = <Value extends z.ZodType>(value: Value) => z.record(words({}), value).optional();

/** The top of the file. Sections of other slices stand beside these keys. */
export const FleetFile = z.strictObject({
  version: z.literal(1).meta({ description: 'The form of this file.', examples: [1] }),
  include: z
    .array(words({ examples: ['sites/*.yaml'] }))
    .optional()
    .meta({
      description: 'Further files of this fleet; * stands for anything, ** for folders at any depth.',
    }),
  daemon: DaemonFile.optional(),
  credentials: named(Credential).meta({ description: 'How roomd logs in to devices, by name.' }),
  defaults: Layer.optional().meta({ description: 'What holds for every device.' }),
  layers: z
    .array(ChosenLayer)
    .optional()
    .meta({ description: 'What holds for every device that a selector fits; a later one wins.' }),
  profiles: named(Layer).meta({ description: 'What holds for every device that names the profile.' }),
  devices: z.array(Device).meta({
    description: 'The devices.',
    examples: [[{ name: 'boardroom-1', host: '10.0.3.11' }]],
  }),
  calls: z
    .strictObject({
      allow: z
        .array(words({ examples: ['*@example.com'] }))
        .meta({ description: 'Numbers and addresses that macros may dial; * stands for anything.' }),
    })
    .optional()
    .meta({ description: 'Numbers and addresses that macros may dial; * stands for anything.' }),
  commands: z
    .strictObject({
      allow: z.array(form(readCommandPath, { examples: ['SystemUnit.Boot'] })).meta({
        description: 'Commands that macros may run although their effects last, such as a restart.',
      }),
    })
    .optional()
    .meta({ description: 'Commands with lasting effects that macros may run all the same.' }),
  http: z
    .strictObject({
      allow: z.array(words({ examples: ['hooks.example.com'] })).meta({
        description:
          'Hosts that macros may ask over HTTP; * stands for anything. Hosts at addresses that are not public are named whole.',
      }),
    })
    .optional()
    .meta({ description: 'Hosts that macros may ask over HTTP.' }),
  privacy: Privacy.optional(),
  notifiers: named(Notifier).meta({ description: 'Ways to tell people, by name.' }),
  systems: Systems.optional(),
  inventory: Inventory.optional(),
  rollout: Rollout.optional(),
});
