import { z } from 'zod';
import { Wrong } from '../fleet/forms.ts';
import { readGroup } from '../fleet/rollout-schema.ts';
import { form, words } from '../fleet/schema-forms.ts';
import { Tls } from '../fleet/systems/connection.ts';

/** What may be asked of a device over MQTT. */
export const COMMANDS = ['standby', 'wake', 'message'] as const;
export type Command = (typeof COMMANDS)[number];

/** The section `mqtt:`. */
export const Mqtt = z
  .strictObject({
    url: form(readBrokerUrl, {
      description: 'Where the broker answers; mqtts speaks TLS.',
      examples: ['mqtts://broker.example.com:8883'],
    }),
    username: words({
      description: 'Who logs in; may be a reference.',
      examples: ['roomd', '${credential:mqtt-user}'],
    }).optional(),
    password: words({ description: 'As a reference.', examples: ['${credential:mqtt}'] }).optional(),
    tls: Tls.optional(),
    clientId: form(readClientId, {
      description: 'What the broker knows roomd by; two clients with one id put each other out.',
      examples: ['roomd'],
    }).prefault('roomd'),
    prefix: form(readPrefix, {
      description: 'All topics of roomd lie below it; another one for every other roomd at the same broker.',
      examples: ['roomd'],
    }).prefault('roomd'),
    discovery: form(readDiscovery, {
      description: 'Below which Home Assistant looks for devices; off: nothing is put there.',
      examples: ['homeassistant'],
    }).prefault('homeassistant'),
    devices: form(readGroup, {
      description: 'A selector of the devices that are told of.',
      examples: ['site=oslo'],
    }).prefault('all'),
    commands: z
      .array(z.enum(COMMANDS))
      .default([])
      .meta({
        description:
          'What whoever may write at the broker may have a device do: standby, wake, message. Nothing where nothing is said.',
        examples: [['standby', 'wake']],
      }),
  })
  .refine(({ username, password }) => password === undefined || username !== undefined, {
    path: ['password'],
    error: 'a password without a username; brokers take none.',
  })
  .meta({
    id: 'Mqtt',
    description: 'A broker that is told how the rooms are, for Home Assistant or others.',
  });
export type Mqtt = z.output<typeof Mqtt>;

function readBrokerUrl(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['mqtt:', 'mqtts:'].includes(url.protocol) || url.hostname === '')
    return new Wrong(`"${text}" is no broker: write mqtt://HOST:1883 or mqtts://HOST:8883.`);
  if (url.username !== '' || url.password !== '')
    return new Wrong(
      'a user or password in the URL stands there for everyone to read; write username and password.',
    );
  if (url.search !== '' || url.hash !== '' || !['', '/'].includes(url.pathname))
    return new Wrong('behind the port of a broker nothing follows.');
  return `${url.protocol}//${url.host}`;
}

/** At most 23 letters and digits are sure to be taken (MQTT 3.1.1, 3.1.3.1); brokers take more. */
function readClientId(text: string): string | Wrong {
  return /^[\w.-]{1,64}$/.test(text)
    ? text
    : new Wrong(`"${text}" is no client id: up to 64 letters, digits, dots, dashes and underscores.`);
}

function readPrefix(text: string): string | Wrong {
  return /^[\w.-]+(?:\/[\w.-]+)*$/.test(text) && text.length <= 100
    ? text
    : new Wrong(`"${text}" is no beginning of a topic: write for example roomd or building/roomd.`);
}

function readDiscovery(text: string): string | null | Wrong {
  return text === 'off' ? null : readPrefix(text);
}
