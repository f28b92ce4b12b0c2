import { z } from 'zod';
import { duration } from '../duration.ts';
import { readTagName, Wrong } from '../forms.ts';
import { form, integer, words } from '../schema-forms.ts';
import type { CucmInventory, InventorySection, WebexInventory } from './inventory-section.ts';
import { FACTS, isFact } from './template.ts';

/** Names that Unified CM has for Board, Room and Desk devices (cloud facts 4.1); ordinary phones fit none of them. */
const ROOM_MODELS = [
  'Cisco Webex Room*',
  'Cisco Room*',
  'Cisco Webex Board*',
  'Cisco Board*',
  'Cisco Webex Desk*',
  // Not "Cisco Desk Phone".
  'Cisco Desk Pro*',
  'Cisco TelePresence SX*',
  'Cisco TelePresence MX*',
  'Cisco TelePresence DX*',
  'Cisco Webex DX*',
] as const;

function readTemplate(text: string): string | Wrong {
  const unknown = [...text.matchAll(/\{\{([^}]*)\}\}/g)].find(([, fact = '']) => !isFact(fact.trim()));
  if (unknown === undefined) return text;
  return new Wrong(`"${unknown[0]}" is nothing that is known of a device: there are ${FACTS.join(', ')}.`);
}

const template = (description: string, example: string) =>
  form(readTemplate, { description, examples: [example] });

const patterns = (what: string, example: string) =>
  z
    .array(words({ examples: [example] }))
    .min(1, { error: 'an empty list fits nothing; name a pattern, or leave the list out.' })
    .optional()
    .meta({
      description: `${what}; * stands for anything, and one of the list has to fit.`,
      examples: [[example]],
    });

const CucmSelect = z
  .strictObject({
    models: patterns('The model or product', 'Cisco Webex Room*').meta({
      default: 'Board, Room and Desk devices',
    }),
    names: patterns('The name in Unified CM', 'SEP0011*'),
    descriptions: patterns('The description', '*meeting room*'),
    devicePools: patterns('The device pool', 'DP-Oslo*'),
    locations: patterns('The location', 'Oslo*'),
  })
  .optional()
  .meta({ description: 'Which devices are taken; every list that is given has to fit.' });

/** What the file may say of any source. */
const pullShape = (source: string, title: string) => ({
  every: duration('How often it is pulled; 1h where nothing is said.').prefault('1h'),
  name: template(
    'The name that a device gets when it is first met, and keeps; made into a device name.',
    '{{description}}',
  ).prefault('{{name}}'),
  tags: z
    .record(form(readTagName), template('The text of a tag.', '{{product}}'))
    .optional()
    .meta({
      description: `Tags of the devices, beside source: ${source}.`,
      examples: [{ site: '{{location}}' }],
    }),
  port: integer()
    .min(1, { error: 'a port is a number from 1 to 65535.' })
    .max(65_535, { error: 'a port is a number from 1 to 65535.' })
    .default(443)
    .meta({ description: 'Where the devices answer HTTPS.', default: 443 }),
  removeAfter: duration(
    `A device that ${title} no longer has leaves the fleet after this; without it, when a person says so.`,
  ).optional(),
});

const CucmInventory = z
  .strictObject({ select: CucmSelect, ...pullShape('cucm', 'Unified CM') })
  .transform(
    ({ every, select, name, tags = {}, port, removeAfter }): CucmInventory => ({
      everyMs: every,
      select: {
        models: select?.models ?? ROOM_MODELS,
        names: select?.names ?? [],
        descriptions: select?.descriptions ?? [],
        devicePools: select?.devicePools ?? [],
        locations: select?.locations ?? [],
      },
      name,
      tags,
      port,
      removeAfterMs: removeAfter ?? null,
    }),
  )
  .meta({ id: 'CucmInventory', description: 'Devices that are registered with Unified CM (systems.cucm).' });

const exactly = (description: string, example: string) =>
  words({ description, examples: [example] }).optional();

/** By the parameters of Webex's own list (cloud facts 1.5). */
const WebexSelect = z
  .strictObject({
    type: z
      .enum(['roomdesk', 'phone', 'accessory', 'webexgo', 'unknown'])
      .default('roomdesk')
      .meta({ description: 'The type of device.', default: 'roomdesk' }),
    product: exactly('The product, as Webex names it.', 'Cisco Board Pro 55'),
    tags: z
      .array(words({ examples: ['oslo'] }))
      .min(1, { error: 'an empty list asks for nothing; name a tag, or leave the list out.' })
      .optional()
      .meta({
        description: 'Tags that a device has in Control Hub, every one of them.',
        examples: [['oslo']],
      }),
    locationId: exactly('The id of its location.', 'Y2lzY29z…'),
    workspaceId: exactly('The id of its workspace.', 'Y2lzY29z…'),
    devicePlatform: z.enum(['cisco', 'microsoftTeamsRoom']).optional().meta({
      description: 'What it runs.',
    }),
    upgradeChannel: exactly('Its upgrade channel.', 'stable'),
    orgId: exactly('Another organization, for an administrator of a partner.', 'Y2lzY29z…'),
  })
  .prefault({})
  .meta({ description: 'Which devices are asked for; everything that is given has to be so.' });

const WebexInventory = z
  .strictObject({ select: WebexSelect, ...pullShape('webex', 'Webex') })
  .transform(
    ({ every, select, name, tags = {}, port, removeAfter }): WebexInventory => ({
      everyMs: every,
      select: {
        type: select.type,
        product: select.product ?? null,
        tags: select.tags ?? [],
        locationId: select.locationId ?? null,
        workspaceId: select.workspaceId ?? null,
        devicePlatform: select.devicePlatform ?? null,
        upgradeChannel: select.upgradeChannel ?? null,
        orgId: select.orgId ?? null,
      },
      name,
      tags,
      port,
      removeAfterMs: removeAfter ?? null,
    }),
  )
  .meta({
    id: 'WebexInventory',
    description: 'Devices that are registered in the Webex cloud (systems.webex).',
  });

/** Where further devices of the fleet are pulled from. */
export const Inventory = z
  .strictObject({ cucm: CucmInventory.optional(), webex: WebexInventory.optional() })
  .transform(({ cucm, webex }): InventorySection => ({ cucm: cucm ?? null, webex: webex ?? null }))
  .meta({ id: 'Inventory', description: 'Where further devices of the fleet are pulled from.' });
