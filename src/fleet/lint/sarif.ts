import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Place, Problem } from '../problem.ts';
import { type Finding, type Level, RULES } from './finding.ts';
import { nameDevices, sayWhat } from './lint-text.ts';

/** A code host takes no more results of one run. */
const MOST_RESULTS = 25_000;
const MOST_DEVICES = 100;

/** What `roomd validate` says, as rules beside those of lint. */
const FILE_RULES = {
  'fleet-file': { level: 'error', about: 'The fleet file is not valid.' },
  'fleet-file-warning': { level: 'warning', about: 'The fleet file is valid, and this is worth a look.' },
} as const satisfies Record<string, { level: Level; about: string }>;

const ALL_RULES = { ...FILE_RULES, ...RULES };
const RULE_IDS = Object.keys(ALL_RULES) as (keyof typeof ALL_RULES)[];

/** A SARIF 2.1.0 log (OASIS), as far as roomd writes it. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly [SarifRun];
}

interface SarifRun {
  readonly tool: { readonly driver: object };
  readonly originalUriBaseIds: object;
  readonly columnKind: 'utf16CodeUnits';
  readonly results: readonly SarifResult[];
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: Level;
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  readonly partialFingerprints: { readonly 'roomdFinding/v1': string };
  readonly properties: object;
}

/**
 * What was found, for a code host that shows it on the changed line. Files are
 * named from `root`, which is where the repository lies in the run; what has
 * no line stands at the top of `file`, as code hosts show nothing without one.
 */
export function sarifLog(
  { findings, problems }: { findings: readonly Finding[]; problems: readonly Problem[] },
  { root, version, file }: { root: string; version: string; file: string },
): SarifLog {
  const results = [
    ...problems.map((problem) => problemResult(problem, { root, file })),
    ...findings.map((finding) => findingResult(finding, root)),
  ];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'roomd', version, rules: RULE_IDS.map(ruleOf) } },
        originalUriBaseIds: { SRCROOT: { uri: pathToFileURL(`${root}/`).href } },
        columnKind: 'utf16CodeUnits',
        results: results.slice(0, MOST_RESULTS),
      },
    ],
  };
}

function ruleOf(id: keyof typeof ALL_RULES): object {
  const { level, about } = ALL_RULES[id];
  return { id, shortDescription: { text: about }, defaultConfiguration: { level } };
}

function findingResult(finding: Finding, root: string): SarifResult {
  const { rule, level, path, place, layer, remedy, products, devices } = finding;
  const who = `${layer === null ? 'For' : `Set by ${layer}, for`} ${nameDevices(devices)}.`;
  const text = [sayWhat(finding), remedy, who].filter((part) => part !== null);
  return result({
    rule,
    level,
    text: text.join(' '),
    place,
    root,
    // The line may move; the rule, the setting and its layer tell it again.
    identity: [path ?? '', layer ?? ''],
    properties: {
      path,
      layer,
      products,
      deviceCount: devices.length,
      devices: devices.slice(0, MOST_DEVICES),
    },
  });
}

function problemResult(
  { severity, place, path, message }: Problem,
  { root, file }: { root: string; file: string },
): SarifResult {
  const rule = severity === 'error' ? 'fleet-file' : 'fleet-file-warning';
  return result({
    rule,
    level: severity,
    text: path === '' ? message : `${path}: ${message}`,
    place: place ?? { file, line: 1, column: 1 },
    root,
    identity: [path, message],
    properties: { path },
  });
}

function result({
  rule,
  level,
  text,
  place,
  root,
  identity,
  properties,
}: {
  rule: keyof typeof ALL_RULES;
  level: Level;
  text: string;
  place: Place;
  root: string;
  identity: readonly string[];
  properties: object;
}): SarifResult {
  const hash = createHash('sha256').update(JSON.stringify([rule, ...identity]));
  return {
    ruleId: rule,
    ruleIndex: RULE_IDS.indexOf(rule),
    level,
    message: { text },
    locations: [location(place, root)],
    partialFingerprints: { 'roomdFinding/v1': hash.digest('hex') },
    properties,
  };
}

function location({ file, line, column }: Place, root: string): object {
  return {
    physicalLocation: {
      artifactLocation: artifact(file, root),
      region: { startLine: line, startColumn: column },
    },
  };
}

/** Relative to the repository where the file lies in it. */
function artifact(file: string, root: string): object {
  const near = relative(root, file);
  if (near === '' || near.startsWith('..')) return { uri: pathToFileURL(file).href };
  return { uri: near.split(sep).map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' };
}
