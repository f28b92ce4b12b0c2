import { describe, expect, it } from 'vitest';
import { acceptedSetting } from '../../src/schema/accepted-setting.ts';
import { packSettings, unpackSettings } from '../../src/schema/packed-settings.ts';
import { codeNamesOf, productKey, productOfCodeName } from '../../src/schema/products.ts';
import { formatSoftware, isSameSoftware, softwareNumbers } from '../../src/schema/software.ts';
import { hasFixtures, VERSIONS, vendorSchema } from './vendor-files.ts';

const CODES = [
  'barents',
  'barents_70d',
  'darling_15_55',
  'darling_15_70',
  'felix_55',
  'felix_75',
  'polaris',
  'octavio',
];

describe('A product text', () => {
  it.each([
    ['Cisco Codec Pro', ['barents', 'barents_70d']],
    ['codec  pro', ['barents', 'barents_70d']],
    ['barents_70D', ['barents_70d']],
    ['barents', ['barents']],
    ['Cisco Webex Board 55', ['darling_15_55']],
    ['Cisco Board Pro G2 75', ['felix_75']],
    ['Cisco Board Pro G2', ['felix_55', 'felix_75']],
    ['Cisco Desk', ['octavio']],
    ['Cisco Desk Pro', ['polaris']],
    ['roomd-sim Room', []],
    ['', []],
  ])('"%s" means %j', (text, codes) => {
    expect(codeNamesOf(text, CODES)).toEqual(codes);
  });

  it('is compared without brand words and letter case', () => {
    expect(productKey(' Cisco Spark  Room Kit')).toBe('room kit');
    expect(productOfCodeName('darling_10_70')).toEqual({ name: 'Board 70', kind: 'board' });
    expect(productOfCodeName('newcomer')).toBeNull();
  });
});

describe('A software text', () => {
  it.each([
    ['ce26.4.1.0.5100d00000a', [26, 4, 1, 0]],
    ['ce11.19.1.6.76526b1b094', [11, 19, 1, 6]],
    ['ce11.19.1.6 76526b1b094 2024-08-02', [11, 19, 1, 6]],
    ['ce9.1.4.3ae3106', [9, 1, 4]],
    ['RoomOS 26.4.1', [26, 4, 1]],
    ['26.4', [26, 4]],
    ['none', []],
  ])('"%s" has the numbers %j', (text, numbers) => {
    expect(softwareNumbers(text)).toEqual(numbers);
  });

  it.each([
    ['26.4.1', 'ce26.4.1.0.5100d00000a', true],
    ['11.27.2.0', '11.27.2', true],
    ['26.4.1', '26.4.2', false],
    ['11.27.2.0', 'ce11.27.2.7.abc', false],
    ['26.4', 'ce26.4.1.0.5100d00000a', false],
    ['26', 'ce26.4.1.0.5100d00000a', false],
    ['odd', 'ODD', true],
  ])('"%s" and "%s": the same release is %s', (one, other, same) => {
    expect(isSameSoftware(one, other)).toBe(same);
    expect(isSameSoftware(other, one)).toBe(same);
  });

  it('is shown as people write it', () => {
    expect(['ce26.4.1.0.5100d', '11.27.2.0', '9.15.17.4', 'odd '].map(formatSoftware)).toEqual([
      '26.4.1',
      '11.27.2',
      '9.15.17.4',
      'odd',
    ]);
  });
});

describe('Packed settings', () => {
  it('refuse bytes that are none', () => {
    expect(() => unpackSettings(Buffer.from('nonsense'))).toThrow(
      expect.objectContaining({ code: 'schema-unreadable' }),
    );
    expect(unpackSettings(packSettings([]))).toEqual([]);
  });
});

describe.skipIf(!hasFixtures)("The vendor's products, packed", () => {
  it.each(VERSIONS)('are small and come back whole: %s', (version) => {
    const schema = vendorSchema(version);
    let bytes = 0;
    for (const name of schema.products) {
      const settings = schema.product(name).settings.map(acceptedSetting);
      const packed = packSettings(settings);
      bytes += packed.length;
      expect(unpackSettings(packed)).toEqual(settings);
    }
    console.log(`${version}: ${schema.products.length} products in ${Math.round(bytes / 1024)} KB`);
    expect(bytes).toBeLessThan(600 * 1024);
  });
});
