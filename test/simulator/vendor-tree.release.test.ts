import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { readVendorSchema } from '../../src/schema/vendor-schema.ts';
import { catalogueOf } from '../../src/simulator/catalogue.ts';
import { DeviceState } from '../../src/simulator/device-state.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';
import { ModelDocuments } from '../../src/simulator/model-documents.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { modelFromSchema } from '../../src/simulator/models/from-schema.ts';
import { XmlEndpoint } from '../../src/simulator/xml-endpoint.ts';
import { readXml, type XmlElement } from '../../src/simulator/xml-reader.ts';

const fixtures = process.env['ROOMD_FIXTURES'];
const versions = fixtures === undefined ? [] : ['26.4.1', '11.27.2.0', '9.15.17.4'];
if (fixtures === undefined)
  process.stdout.write('ROOMD_FIXTURES is not set: devices are not built from the vendor’s schema files\n');

/** Reads every document of a device and writes every setting back to it. */
function exercise(model: DeviceModel): number {
  const catalogue = catalogueOf(model);
  const state = new DeviceState(
    { model, serial: 'FOC1', systemName: 'Room', catalogue },
    { clock: new ManualClock(), random: seededRandom(1) },
  );
  const xml = new XmlEndpoint({
    state,
    documentsOf: () => new ModelDocuments(catalogue),
    count: () => undefined,
  });
  const read = (path: string): XmlElement => readXml(xml.document(path)?.body ?? '');
  expect(read('/status.xml').name).toBe('Status');
  expect(read('/command.xml').name).toBe('Command');
  const spaces = new Set(read('/valuespace.xml').children.map(({ name }) => name));
  const leaves = leavesOf(read('/configuration.xml'));
  const refs = leaves.map(({ attributes }) => attributes['valueSpaceRef']?.replace('/Valuespace/', '') ?? '');
  expect(refs.filter((ref) => !spaces.has(ref))).toEqual([]);
  const whole = xml.document('/configuration.xml')?.body ?? '';
  const written = xml.putxml(whole, 'admin').body;
  // Settings whose default the schema leaves open, or that are masked, may be refused; no path is unknown.
  expect(written).not.toContain('No match on address expression');
  expect(xml.document('/configuration.xml')?.body).toBe(whole);
  expect(state.configuration('SystemUnit.Name')).toBe('Room');
  return leaves.length;
}

function leavesOf(element: XmlElement): XmlElement[] {
  return element.children.length === 0 ? [element] : element.children.flatMap(leavesOf);
}

it('makes a device of each built-in model whose documents agree with one another', () => {
  for (const model of Object.values(builtInModels)) expect(exercise(model)).toBeGreaterThanOrEqual(150);
});

it('offers every command it models on the built-in models of version 26', () => {
  const state = new DeviceState(
    { model: builtInModels.room, serial: 'FOC1', systemName: 'Room' },
    { clock: new ManualClock(), random: seededRandom(1) },
  );
  const known = catalogueOf(builtInModels.room).commands;
  expect(state.modelledCommands().filter((path) => !known.has(path))).toEqual([]);
});

it.runIf(fixtures !== undefined)(
  'makes a device of each product of the vendor’s schema files whose documents agree with one another',
  () => {
    for (const software of versions) {
      const text = readFileSync(join(fixtures ?? '', 'roomos-schemas', `${software}.json`), 'utf8');
      const vendor = readVendorSchema(text, { software });
      for (const product of vendor.products)
        expect(exercise(modelFromSchema(vendor.product(product))), `${software} ${product}`).toBeGreaterThan(
          20,
        );
    }
  },
);
