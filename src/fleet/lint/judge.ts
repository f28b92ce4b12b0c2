import { Secret } from '../../lib/secret.ts';
import type { ValueSpace } from '../../schema/product-schema.ts';
import { describeValueSpace } from '../../schema/value-space.ts';
import type { PathText } from '../../xapi/path.ts';
import { type Account, roleRefusal } from '../account-role.ts';
import type { FoundSetting, MissingSetting, ProductKnowledge } from '../knowledge/product-knowledge.ts';
import { normalizeValue, refusalOf } from '../value-check.ts';
import type { Rule } from './finding.ts';

/** What one product says of one line. */
export interface Verdict {
  readonly rule: Rule;
  readonly message: string;
  readonly remedy: string | null;
}

/** A setting as the file has it. */
export interface Line {
  readonly path: PathText;
  readonly value: string | Secret;
}

/** What a product on its software has against a line that an account would write. A setting that it lacks has one verdict. */
export function judge(line: Line, knowledge: ProductKnowledge, account: Account): Verdict[] {
  const found = knowledge.find(line.path);
  if (!found.known) return [judgeAbsence(line.path, found)];
  const refused = judgeValue(line, found);
  const forbidden = judgeRole(line.path, found, account);
  const verdicts = [refused, forbidden].filter((verdict) => verdict !== null);
  if (verdicts.length > 0) return verdicts;
  return isDefault(line, found)
    ? [
        {
          rule: 'equals-default',
          message: `${found.default === '' ? 'the empty text' : `"${found.default}"`} is the default of ${line.path}.`,
          remedy: 'Leave the line where it is meant to hold against changes on the device.',
        },
      ]
    : [];
}

/** How a line fares when a product goes from one software version to another. */
export function judgeUpgrade(
  line: Line,
  { before, after, account }: { before: ProductKnowledge; after: ProductKnowledge; account: Account },
): Verdict[] {
  if (!before.has(line.path)) return judge(line, after, account);
  const old = before.find(line.path);
  const now = after.find(line.path);
  if (!old.known) return judge(line, after, account);
  if (!now.known)
    return [
      {
        rule: 'vanishes',
        message: `${line.path} is gone after the upgrade.`,
        remedy: suggestion(now) ?? 'Take the line out before these devices are upgraded.',
      },
    ];
  const verdicts = judge(line, after, account).map((verdict) => withBefore(verdict, line, old));
  if (verdicts.every(({ rule }) => rule === 'equals-default') && isOtherSpace(old, now))
    verdicts.push({
      rule: 'space-changes',
      message: `${line.path} takes ${spaceOf(now)} after the upgrade; before, ${spaceOf(old)}. The value here is right for both.`,
      remedy: null,
    });
  if (old.default !== null && now.default !== null && old.default !== now.default)
    verdicts.push({
      rule: 'default-changes',
      message: `the default of ${line.path} is "${now.default}" after the upgrade; before, "${old.default}".`,
      remedy: null,
    });
  return verdicts;
}

function withBefore(verdict: Verdict, line: Line, old: FoundSetting): Verdict {
  if (verdict.rule === 'equals-default' || verdict.rule === 'role-not-allowed') return verdict;
  const was = judgeValue(line, old) === null ? `Before the upgrade it takes ${spaceOf(old)}.` : '';
  return was === '' ? verdict : { ...verdict, message: `${verdict.message} ${was}` };
}

function isOtherSpace(old: FoundSetting, now: FoundSetting): boolean {
  if (old.space === null || now.space === null) return false;
  return essence(old.space) !== essence(now.space);
}

/** The order of choices says nothing, and a step is not kept to. */
function essence(space: ValueSpace): string {
  if (space.type === 'Literal') return JSON.stringify(space.values.toSorted());
  return describeValueSpace(space.type === 'Integer' ? { ...space, step: null } : space);
}

function spaceOf({ space }: FoundSetting): string {
  return space === null ? 'what nobody tells' : describeValueSpace(space);
}

function judgeAbsence(path: PathText, missing: MissingSetting): Verdict {
  switch (missing.why) {
    case 'unknown-name':
      return {
        rule: 'unknown-setting',
        message: `there is no setting ${path}.`,
        remedy: suggestion(missing) ?? 'Take the line out, or look the name up in the vendor’s guide.',
      };
    case 'index-out-of-range':
      return {
        rule: 'index-out-of-bounds',
        message: `${path} has an index that the product does not have: it has ${missing.candidates.join(', ')}.`,
        remedy: null,
      };
    case 'not-on-device':
      return {
        rule: 'not-on-device',
        message: `the vendor's schema has ${path}, and the device that roomd read did not show it.`,
        remedy: 'It may come with a peripheral or an option; roomd plan tells for each device.',
      };
    default:
      return missing.why satisfies never;
  }
}

function suggestion({ candidates }: MissingSetting): string | null {
  return candidates.length === 0 ? null : `Did you mean ${candidates.join(' or ')}?`;
}

function judgeValue({ value }: Line, { space }: FoundSetting): Verdict | null {
  const isSecret = value instanceof Secret;
  const text = isSecret ? value.reveal() : value;
  // A secret that is not to be had here is empty; nothing can be said of it.
  if (space === null || (isSecret && text === '')) return null;
  const message = refusalOf(text, space, { isSecret });
  if (message === null) return null;
  const meant = space.type === 'Literal' ? sameButCase(text, space.values) : null;
  if (meant !== null)
    return {
      rule: 'letter-case',
      message: isSecret
        ? 'the secret is one of the choices with other capital letters.'
        : `"${text}" is spelled "${meant}".`,
      remedy: isSecret ? null : `Write ${meant}.`,
    };
  return { rule: ruleFor(space, text), message: sentence(message), remedy: null };
}

function ruleFor(space: ValueSpace, text: string): Rule {
  if (space.type === 'Literal') return 'not-a-choice';
  if (space.type === 'String') return 'wrong-length';
  return /^-?\d+$/.test(text) ? 'out-of-range' : 'wrong-type';
}

function sameButCase(text: string, values: readonly string[]): string | null {
  return values.find((value) => value.toLowerCase() === text.toLowerCase()) ?? null;
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function judgeRole(path: PathText, { roles }: FoundSetting, account: Account): Verdict | null {
  const message = roleRefusal(path, roles, account);
  return message === null
    ? null
    : {
        rule: 'role-not-allowed',
        message,
        remedy: 'Give the account that role on the device and in the file, or take the line out.',
      };
}

function isDefault({ value }: Line, found: FoundSetting): boolean {
  if (value instanceof Secret || found.default === null) return false;
  return normalizeValue(value, found.space) === normalizeValue(found.default, found.space);
}
