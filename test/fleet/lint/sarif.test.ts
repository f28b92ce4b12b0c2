import { describe, expect, it } from 'vitest';
import { type Finding, RULES } from '../../../src/fleet/lint/finding.ts';
import { sarifLog } from '../../../src/fleet/lint/sarif.ts';
import { checkSarif } from './check-sarif.ts';

const FINDING: Finding = {
  rule: 'out-of-range',
  level: 'error',
  path: 'Audio.DefaultVolume',
  place: { file: '/repo/rooms/blå rom.yaml', line: 12, column: 5 },
  layer: 'profile boardroom',
  message: 'the device refuses "101".',
  remedy: 'Write less.',
  products: ['Cisco Codec Pro 26.4.1'],
  devices: Array.from({ length: 400 }, (_, at) => `room-${at}`),
};
const AT = { root: '/repo', version: '1.2.3', file: '/repo/fleet.yaml' };

describe('The SARIF log', () => {
  it('has the shape that SARIF 2.1.0 prescribes, with nothing found and with something', () => {
    expect(checkSarif(sarifLog({ findings: [], problems: [] }, AT))).toEqual([]);
    const every = Object.keys(RULES).map((rule) => ({ ...FINDING, rule: rule as Finding['rule'] }));
    const problem = { severity: 'error', place: null, path: '', message: 'it cannot be read' } as const;
    const log = sarifLog({ findings: every, problems: [problem] }, AT);
    expect(checkSarif(log)).toEqual([]);
    expect(log.runs[0].results).toHaveLength(every.length + 1);
  });

  it('puts a finding on its line, in a file named from the repository', () => {
    const [result] = sarifLog({ findings: [FINDING], problems: [] }, AT).runs[0].results;
    expect(result).toMatchObject({
      ruleId: 'out-of-range',
      level: 'error',
      message: {
        text: 'Audio.DefaultVolume: the device refuses "101". Write less. Set by profile boardroom, for 400 devices: room-0, room-1, room-2 and 397 more.',
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'rooms/bl%C3%A5%20rom.yaml', uriBaseId: 'SRCROOT' },
            region: { startLine: 12, startColumn: 5 },
          },
        },
      ],
    });
  });

  it('names a file outside the repository whole, and what has no line at the top of the fleet file', () => {
    const outside = { ...FINDING, place: { file: '/etc/roomd.yaml', line: 1, column: 1 } };
    const problem = { severity: 'warning', place: null, path: 'daemon', message: 'odd' } as const;
    const { results } = sarifLog({ findings: [outside], problems: [problem] }, AT).runs[0];
    expect(JSON.stringify(results[1]?.locations)).toContain('"uri":"file:///etc/roomd.yaml"');
    expect(results[0]).toMatchObject({
      ruleId: 'fleet-file-warning',
      level: 'warning',
      message: { text: 'daemon: odd' },
    });
    expect(JSON.stringify(results[0]?.locations)).toContain('"uri":"fleet.yaml"');
  });

  it('knows a finding again when its line moves, and tells apart what stands elsewhere', () => {
    const prints = [
      FINDING,
      { ...FINDING, place: { ...FINDING.place, line: 99 }, devices: ['other'] },
      { ...FINDING, layer: 'defaults' },
    ].map(
      (finding) =>
        sarifLog({ findings: [finding], problems: [] }, AT).runs[0].results[0]?.partialFingerprints,
    );
    expect(prints[0]).toEqual(prints[1]);
    expect(prints[0]).not.toEqual(prints[2]);
  });

  it('is noticed where it is broken', () => {
    const log = sarifLog({ findings: [FINDING], problems: [] }, AT);
    const broken = JSON.parse(
      JSON.stringify(log).replace('"ruleIndex":', '"ruleIndex":9').replace('"startLine":12', '"startLine":0'),
    );
    expect(checkSarif(broken)).toHaveLength(2);
  });
});
