import { describe, expect, it } from 'vitest';
import { concreteSettings, defaultAt, PathIndex, settingIndex } from '../../src/schema/path-index.ts';
import { parsePattern } from '../../src/schema/path-pattern.ts';
import type { ProductSchema, SettingSpec } from '../../src/schema/product-schema.ts';

function setting(path: string, all: string | null, byIndex: Record<string, string> = {}): SettingSpec {
  return {
    path: parsePattern(path),
    valueSpace: { type: 'String', minLength: 0, maxLength: null },
    defaults: { all, byIndex },
    roles: ['Admin'],
    hidden: false,
  };
}

const schema: ProductSchema = {
  product: 'test',
  software: null,
  settings: [
    setting('Video.Input.Connector[1].Name', 'Camera'),
    setting('Video.Input.Connector[2..3].Name', null, { 2: 'PC 1', 3: 'PC 2' }),
    setting('Audio.DefaultVolume', '50'),
    setting('Network[1].DNS.Server[1..3].Address', ''),
  ],
  statuses: [],
  commands: [],
  events: [],
};

describe('The index of settings', () => {
  const index = settingIndex(schema);

  it('finds a concrete path among patterns of the same names, in any case', () => {
    const match = index.find('video.input.CONNECTOR[3].name');
    expect(match).toMatchObject({ outcome: 'found', path: 'Video.Input.Connector[3].Name', indices: [3] });
    expect(match.outcome === 'found' && match.spec).toBe(schema.settings[1]);
  });

  it('tells an unknown name and what was probably meant', () => {
    expect(index.find('Audio.DefaultVolumes')).toEqual({
      outcome: 'unknown-name',
      candidates: ['Audio.DefaultVolume'],
    });
    expect(index.find('Zigzag')).toEqual({ outcome: 'unknown-name', candidates: [] });
  });

  it('tells an index that is out of range, missing or superfluous, and the patterns there are', () => {
    const candidates = ['Video.Input.Connector[1].Name', 'Video.Input.Connector[2..3].Name'];
    expect(index.find('Video.Input.Connector[4].Name')).toEqual({
      outcome: 'index-out-of-range',
      candidates,
    });
    expect(index.find('Video.Input.Connector.Name')).toEqual({ outcome: 'index-out-of-range', candidates });
    expect(index.find('Audio.DefaultVolume[1]').outcome).toBe('index-out-of-range');
  });

  it('lets the later of two overlapping entries win', () => {
    const [wide, narrow] = [setting('A[1..5].B', 'wide'), setting('A[2].B', 'narrow')];
    const both = PathIndex.of([wide, narrow]);
    expect(both.find('A[2].B')).toMatchObject({ spec: narrow });
    expect(both.find('A[3].B')).toMatchObject({ spec: wide });
    const concrete = concreteSettings({ ...schema, settings: [wide, narrow] }, 1);
    expect(concrete.map(({ path, default: value }) => `${path}=${value}`)).toEqual([
      'A[1].B=wide',
      'A[2].B=narrow',
      'A[3].B=wide',
      'A[4].B=wide',
      'A[5].B=wide',
    ]);
  });
});

describe('The concrete settings of a product', () => {
  it('carry the default of their own index', () => {
    const byPath = new Map(concreteSettings(schema, 1).map((one) => [one.path, one.default]));
    expect(byPath.size).toBe(7);
    expect(byPath.get('Video.Input.Connector[1].Name')).toBe('Camera');
    expect(byPath.get('Video.Input.Connector[3].Name')).toBe('PC 2');
    expect(byPath.get('Network[1].DNS.Server[2].Address')).toBe('');
  });

  it('have an unknown default where neither all nor the index says one', () => {
    expect(defaultAt(setting('A[1..2]', null, { 1: 'x' }), [2])).toBeNull();
    expect(defaultAt(setting('A[1..2].B[1..2]', 'x', { '1.2': 'y' }), [1, 2])).toBe('y');
  });
});
