import { formatSoftware } from '../../schema/software.ts';
import { type Account, accountOf } from '../account-role.ts';
import type { DesiredDevice } from '../fleet.ts';
import type { Library } from '../knowledge/library.ts';
import type { ProductKnowledge } from '../knowledge/product-knowledge.ts';
import { mostExpressions, tooManyExpressions } from '../most-expressions.ts';
import { Collector } from './collector.ts';
import type { DeviceFacts } from './device-facts.ts';
import {
  type Finding,
  type Level,
  type LintReport,
  RULES,
  type Rule,
  type UpgradeSummary,
} from './finding.ts';
import { judge, judgeUpgrade, type Line, type Verdict } from './judge.ts';
import { lineUses, usedLines } from './lines.ts';
import { reliedDefaults } from './relied-upon.ts';

export interface LintOptions {
  /** The devices to look at. */
  readonly devices: readonly DesiredDevice[];
  /** The whole fleet, as far as whether a line has effect anywhere is concerned. */
  readonly all: readonly DesiredDevice[];
  readonly facts: ReadonlyMap<string, DeviceFacts>;
  readonly library: Library;
  /** Judge by this software instead of what devices run, and tell what an upgrade to it changes. */
  readonly software: string | null;
}

/** Devices that are judged alike. */
interface Cohort {
  readonly product: string;
  /** What they run; null: not known, only the software asked about. */
  readonly software: string | null;
  readonly account: Account;
  readonly devices: DesiredDevice[];
}

/**
 * Judges every setting of every device by what its product accepts; contacts
 * nothing. Devices with one product, software and account are judged together,
 * line by line, so the time grows with devices and lines and not with their
 * product.
 */
export async function lintFleet(options: LintOptions): Promise<LintReport> {
  const { devices, all, facts, library, software } = options;
  const collector = new Collector();
  const { cohorts, unknown } = cohortsOf(devices, facts, software);
  for (const [why, names] of unknown)
    notChecked(collector, devices, { why, remedy: WHAT_IT_IS, product: null, names });
  let checked = 0;
  let uncompared = 0;
  for (const cohort of cohorts) {
    const target = software ?? cohort.software ?? '';
    const after = await library.of(cohort.product, target);
    if (!after.known) {
      const names = cohort.devices.map(({ name }) => name);
      notChecked(collector, devices, { ...after, product: label(cohort.product, target), names });
      continue;
    }
    checked += cohort.devices.length;
    const before = await knownBefore(cohort, options);
    if (before === null && !runs(cohort, target)) uncompared += cohort.devices.length;
    await judgeCohort(cohort, { before, after: after.variants, target, library, collector });
  }
  judgeEffects(all, new Set(devices.map(({ name }) => name)), collector);
  const order = new Map(all.map(({ name }, at) => [name, at]));
  const findings = collector.findings(order);
  const settings = devices.reduce((sum, { configuration }) => sum + configuration.size, 0);
  return {
    software: software === null ? null : formatSoftware(software),
    findings,
    summary: {
      devices: devices.length,
      checked,
      settings,
      ...tally(findings),
      upgrade: software === null ? null : { ...upgradeSummary(findings), uncompared },
    },
  };
}

const WHAT_IT_IS =
  'Let roomd plan see these devices once, or say what they are with --assume product=… and --assume software=….';

function cohortsOf(
  devices: readonly DesiredDevice[],
  facts: ReadonlyMap<string, DeviceFacts>,
  target: string | null,
): { cohorts: Iterable<Cohort>; unknown: ReadonlyMap<string, string[]> } {
  const cohorts = new Map<string, Cohort>();
  const unknown = new Map<string, string[]>();
  for (const device of devices) {
    const { product = null, software = null, account = accountOf(device) } = facts.get(device.name) ?? {};
    if (product === null || (software === null && target === null)) {
      const why =
        product === null
          ? 'it is not known which product these devices are'
          : 'it is not known which software these devices run';
      const names = unknown.get(why);
      if (names === undefined) unknown.set(why, [device.name]);
      else names.push(device.name);
      continue;
    }
    const key = `${product}\n${software}\n${account.name}\n${account.roles.join(';')}`;
    const cohort = cohorts.get(key);
    if (cohort === undefined) cohorts.set(key, { product, software, account, devices: [device] });
    else cohort.devices.push(device);
  }
  return { cohorts: cohorts.values(), unknown };
}

/** What an upgrade starts from; null where it starts from what it ends with, or from what nobody knows. */
async function knownBefore(
  { product, software }: Cohort,
  { library, software: target }: LintOptions,
): Promise<readonly ProductKnowledge[] | null> {
  if (target === null || software === null || runs({ software }, target)) return null;
  const before = await library.of(product, software);
  return before.known ? before.variants : null;
}

function runs({ software }: Pick<Cohort, 'software'>, target: string): boolean {
  return software !== null && formatSoftware(software) === formatSoftware(target);
}

interface Bench {
  readonly before: readonly ProductKnowledge[] | null;
  readonly after: readonly ProductKnowledge[];
  readonly target: string;
  readonly library: Library;
  readonly collector: Collector;
}

async function judgeCohort(cohort: Cohort, bench: Bench): Promise<void> {
  const product = label(cohort.product, bench.target);
  for (const { setting, devices } of usedLines(cohort.devices)) {
    const spot = { path: setting.path, place: setting.origin.place, layer: setting.origin.layer };
    for (const verdict of combined(setting, cohort.account, bench))
      bench.collector.add(await placed(verdict, setting, bench), spot, { product, devices });
  }
  judgeRelied(cohort, product, bench);
  judgeSlots(cohort, product, bench);
}

/** Settings that no line names are told at the first device that they concern. */
function judgeRelied({ devices }: Cohort, product: string, { before, after, collector }: Bench): void {
  const [was] = before ?? [];
  const [is] = after;
  // Variants that differ would each have a word of their own; what the file relies on is the same in all.
  if (was === undefined || is === undefined) return;
  for (const { path, verdict, devices: concerned } of reliedDefaults(devices, { before: was, after: is })) {
    const place = concerned[0]?.place;
    if (place === undefined) continue;
    const names = concerned.map(({ name }) => name);
    collector.add(verdict, { path, place, layer: null }, { product, devices: names });
  }
}

/** The expressions that each device is to report, by what a slot takes on that software. */
function judgeSlots({ devices }: Cohort, product: string, { target, collector }: Bench): void {
  for (const { name, place, feedback } of devices) {
    const message = tooManyExpressions(feedback, mostExpressions(target));
    if (message === null) continue;
    const remedy = 'Name a common root, or write slots: 2 beside the expressions.';
    const verdict = { rule: 'too-many-expressions' as const, message, remedy };
    collector.add(
      verdict,
      { path: 'feedback.expressions', place, layer: null },
      { product, devices: [name] },
    );
  }
}

/** One verdict of all variants; where some refuse and others do not, it is a warning that names them. */
function combined(line: Line, account: Account, { before, after }: Bench): Verdict[] {
  const each = after.map((knowledge) => {
    const old = before?.find(({ product }) => product === knowledge.product) ?? before?.[0];
    return old === undefined
      ? judge(line, knowledge, account)
      : judgeUpgrade(line, { before: old, after: knowledge, account });
  });
  const [first = []] = each;
  if (each.length < 2) return first;
  const shared = first.filter(({ rule }) =>
    each.every((verdicts) => verdicts.some((one) => one.rule === rule)),
  );
  const refusing = each.map((verdicts) => verdicts.find(({ rule }) => RULES[rule].level === 'error'));
  const refusal = refusing.find((one) => one !== undefined);
  if (refusal === undefined || shared.some(({ rule }) => RULES[rule].level === 'error')) return shared;
  if (refusing.every((one) => one !== undefined)) return [refusal];
  const names = after.filter((_, at) => refusing[at] !== undefined).map(({ product }) => product);
  return [
    {
      rule: 'depends-on-variant',
      message: `${refusal.message} That holds for the variants ${names.join(', ')} only.`,
      remedy: 'Say which one a device is with --assume "DEVICE:product=VARIANT".',
    },
  ];
}

/** A name that other products have is no typing error. */
async function placed(verdict: Verdict, { path }: Line, { library, target }: Bench): Promise<Verdict> {
  if (verdict.rule !== 'unknown-setting') return verdict;
  const others = await library.productsWith(path, target);
  if (others.length === 0) return verdict;
  return {
    rule: 'not-on-product',
    message: `${path} is not on this product.`,
    remedy: `It is on ${others.join(', ')}; move the line to a profile that only those devices have.`,
  };
}

function notChecked(
  collector: Collector,
  devices: readonly DesiredDevice[],
  { why, remedy, product, names }: { why: string; remedy: string; product: string | null; names: string[] },
): void {
  const place = devices.find(({ name }) => name === names[0])?.place;
  if (place === undefined) return;
  const spot = { path: null, place, layer: null };
  collector.add({ rule: 'not-checked', message: `not checked: ${why}.`, remedy }, spot, {
    product,
    devices: names,
  });
}

function judgeEffects(
  all: readonly DesiredDevice[],
  chosen: ReadonlySet<string>,
  collector: Collector,
): void {
  for (const { path, origin, wins, repeats, loses } of lineUses(all)) {
    const spot = { path, place: origin.place, layer: origin.layer };
    const say = (verdict: Verdict, names: readonly string[]): void => {
      const devices = names.filter((name) => chosen.has(name));
      if (devices.length > 0) collector.add(verdict, spot, { product: null, devices });
    };
    if (wins === 0)
      say(
        {
          rule: 'no-effect',
          message: `${path} has no effect here: another layer wins on every device that it reaches.`,
          remedy: 'Take the line out; roomd explain DEVICE PATH shows the winner.',
        },
        loses,
      );
    else if (repeats.length === wins)
      say(
        {
          rule: 'says-again',
          message: `${path} is ${origin.shown === '' ? 'empty' : origin.shown} by a layer below already.`,
          remedy: 'The line may go.',
        },
        repeats,
      );
  }
}

const UPGRADE_RULES: readonly Rule[] = ['vanishes', 'space-changes', 'default-changes'];

/** What an upgrade does to the file, by lines and devices. */
function upgradeSummary(findings: readonly Finding[]): Omit<UpgradeSummary, 'uncompared'> {
  const of = (rule: Rule): number => findings.filter((finding) => finding.rule === rule).length;
  const affecting = findings.filter(({ rule, level }) => level === 'error' || UPGRADE_RULES.includes(rule));
  return {
    vanish: of('vanishes'),
    refused: findings.filter(({ rule, level }) => level === 'error' && rule !== 'vanishes').length,
    spaces: of('space-changes'),
    defaults: of('default-changes'),
    devices: new Set(affecting.flatMap(({ devices }) => devices)).size,
  };
}

/** "Cisco Codec Pro 26.4.1" */
function label(product: string, software: string): string {
  return `${product} ${formatSoftware(software)}`;
}

function tally(findings: readonly Finding[]): { errors: number; warnings: number; notes: number } {
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  return { errors: count('error'), warnings: count('warning'), notes: count('note') };
}
