import { z } from 'zod';
import { duration } from '../duration.ts';
import { readTagName, Wrong } from '../forms.ts';
import { form, integer, words } from '../schema-forms.ts';
import type { CucmInventory } from './inventory-section.ts';
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

const Select = z
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

const CucmInventory = z
  .strictObject({
    every: duration('How often it is pulled; 1h where nothing is said.').prefault('1h'),
    select: Select,
    name: template(
      'The name that a device gets when it is first met, and keeps; made into a device name.',
      '{{description}}',
    ).prefault('{{name}}'),
    tags: z
      .record(form(readTagName), template('The text of a tag.', '{{devicePool}}'))
      .optional()
      .meta({
        description: 'Tags of the devices, beside source: cucm.',
        examples: [{ site: '{{location}}' }],
      }),
    port: integer()
      .min(1, { error: 'a port is a number from 1 to 65535.' })
      .max(65_535, { error: 'a port is a number from 1 to 65535.' })
      .default(443)
      .meta({ description: 'Where the devices answer HTTPS.', default: 443 }),
    removeAfter: duration(
      'A device that Unified CM no longer has leaves the fleet after this; without it, when a person says so.',
    ).optional(),
  })
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

/** Where further devices of the fleet are pulled from. */
export const Inventory = z
  .strictObject({ cucm: CucmInventory.optional() })
  .transform(({ cucm }) => ({ cucm: cucm ?? null }))
  .meta({ id: 'Inventory', description: 'Where further devices of the fleet are pulled from.' });
