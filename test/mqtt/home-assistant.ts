import { z } from 'zod';

/*
 * A small Home Assistant, written from its documentation: what a discovery
 * document may hold, and what an entity shows by what lies at the broker.
 */

const Availability = z.array(z.strictObject({ topic: z.string(), value_template: z.string().optional() }));

const entity = {
  name: z.string(),
  unique_id: z.string().regex(/^[A-Za-z0-9_-]+$/),
  icon: z.string().startsWith('mdi:').optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  availability: Availability.optional(),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
};

const Component = z.discriminatedUnion('platform', [
  z.strictObject({
    platform: z.literal('binary_sensor'),
    ...entity,
    state_topic: z.string(),
    device_class: z.enum(['occupancy', 'connectivity']).optional(),
  }),
  z
    .strictObject({
      platform: z.literal('sensor'),
      ...entity,
      state_topic: z.string(),
      state_class: z.literal('measurement').optional(),
      device_class: z.enum(['temperature', 'humidity', 'sound_pressure', 'enum']).optional(),
      unit_of_measurement: z.enum(['°C', '%', 'dBA', 'people']).optional(),
      options: z.array(z.string()).optional(),
    })
    // A sensor of words has neither unit nor state class, and must say which words.
    .refine(({ device_class, options, state_class, unit_of_measurement }) =>
      device_class === 'enum'
        ? options !== undefined && state_class === undefined && unit_of_measurement === undefined
        : options === undefined,
    ),
  z.strictObject({
    platform: z.literal('button'),
    ...entity,
    command_topic: z.string(),
    payload_press: z.string(),
    qos: z.int().max(2),
    retain: z.boolean(),
  }),
  z.strictObject({
    platform: z.literal('notify'),
    ...entity,
    command_topic: z.string(),
    qos: z.int().max(2),
    retain: z.boolean(),
  }),
]);

export const Discovery = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(z.string()).min(1),
    name: z.string(),
    manufacturer: z.string(),
    model: z.string().optional(),
    sw_version: z.string().optional(),
    serial_number: z.string().optional(),
    suggested_area: z.string().optional(),
  }),
  origin: z.strictObject({ name: z.string(), sw_version: z.string() }),
  availability: Availability,
  availability_mode: z.enum(['all', 'any', 'latest']),
  components: z.record(z.string(), Component),
});

/** Topics that Home Assistant looks at: PREFIX/COMPONENT/OBJECT/config. */
export const DISCOVERY_TOPIC = /^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/;

/** What an entity of a document shows: its state, or `unavailable`. */
export function shows(said: ReadonlyMap<string, string>, document: string | undefined, key: string): string {
  if (document === undefined) return 'no such device';
  const { availability, components } = Discovery.parse(JSON.parse(document));
  const component = components[key];
  if (component === undefined) return 'no such entity';
  for (const { topic, value_template } of component.availability ?? availability) {
    const value = said.get(topic);
    if (value === undefined || templated(value, value_template) !== 'online') return 'unavailable';
  }
  return 'state_topic' in component ? (said.get(component.state_topic) ?? 'unknown') : 'unknown';
}

/** The one template that roomd writes. */
function templated(value: string, template: string | undefined): string {
  if (template === undefined) return value;
  const match = /^\{\{ '(\w+)' if value == '(\w+)' else '(\w+)' \}\}$/.exec(template);
  if (match === null) throw new Error(`not a template that this one knows: ${template}`);
  return value === match[2] ? (match[1] ?? '') : (match[3] ?? '');
}
