import { lintWith } from '../../../src/actions/lint.ts';
import { Library } from '../../../src/fleet/knowledge/library.ts';
import { loadFleet } from '../../../src/fleet/load.ts';
import type { AcceptedSetting } from '../../../src/schema/accepted-setting.ts';
import { parsePattern } from '../../../src/schema/path-pattern.ts';
import { startMeter } from '../spent.ts';
import { answerParent } from './parent.ts';

export interface Linted {
  readonly loadMs: number;
  readonly lintMs: number;
  /** The most that the process ever held. */
  readonly megabytes: number;
  readonly settings: number;
  readonly findings: number;
}

const SOFTWARE = '26.4.1';
/** As many as a full product has, of which the fleet sets 60. */
const SETTINGS = 900;

answerParent({
  run: async ({ file }: { file: string }): Promise<Linted> => {
    const loading = startMeter();
    const { fleet, problems } = await loadFleet(file, {
      secrets: { env: () => 'pw', readFile: () => Promise.reject(new Error('no file')) },
      sections: [],
    });
    const load = loading();
    if (fleet === null) throw new Error(JSON.stringify(problems.slice(0, 3)));
    const seen = fleet.devices.map(({ name }, at) => ({
      name,
      product: PRODUCTS[at % PRODUCTS.length] ?? '',
      software: SOFTWARE,
    }));
    const linting = startMeter();
    const { summary } = await lintWith(
      fleet,
      { devices: null, software: null, assume: [] },
      { seen, library: new Library(PRODUCTS.map(volume)) },
    );
    const lint = linting();
    const megabytes = process.resourceUsage().maxRSS / 1_024;
    return {
      loadMs: load.cpuMs,
      lintMs: lint.cpuMs,
      megabytes,
      settings: summary.settings,
      findings: summary.errors,
    };
  },
});

const PRODUCTS = Array.from({ length: 16 }, (_, at) => `Product ${at}`);

function volume(product: string) {
  const settings = Array.from(
    { length: SETTINGS },
    (_, at): AcceptedSetting => ({
      path: parsePattern(`Bench Setting${at}`),
      space: { type: 'Integer', min: 0, max: 100, step: null },
      hidden: false,
      defaults: { all: '0', byIndex: {} },
      roles: ['Admin'],
    }),
  );
  return {
    source: 'device' as const,
    product,
    software: SOFTWARE,
    digest: product,
    load: () => Promise.resolve(settings),
  };
}
