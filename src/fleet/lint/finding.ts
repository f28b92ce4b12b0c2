import type { PathText } from '../../xapi/path.ts';
import type { Place } from '../problem.ts';

/** What lint can find; `level` is how bad it is, `about` what a code host shows of the rule. */
export const RULES = {
  'unknown-setting': { level: 'error', about: 'No product of this fleet has a setting of that name.' },
  'not-on-product': { level: 'error', about: 'The product lacks this setting; others have it.' },
  'not-on-device': {
    level: 'warning',
    about: "The vendor's schema has this setting, a device of that product did not show it.",
  },
  'index-out-of-bounds': { level: 'error', about: 'The product has no such item in this list.' },
  'wrong-type': { level: 'error', about: 'The setting takes an integer.' },
  'out-of-range': { level: 'error', about: 'The integer lies outside the range that the product takes.' },
  'wrong-length': {
    level: 'error',
    about: 'The text has more or fewer bytes of UTF-8 than the product takes.',
  },
  'not-a-choice': { level: 'error', about: 'The product does not offer this choice.' },
  'letter-case': { level: 'error', about: 'The choice is spelled with other capital letters.' },
  'role-not-allowed': { level: 'error', about: 'The role of the account may not write this setting.' },
  vanishes: { level: 'error', about: 'The setting is gone after the upgrade.' },
  'space-changes': { level: 'warning', about: 'The setting takes other values after the upgrade.' },
  'default-changes': { level: 'note', about: 'The setting has another default after the upgrade.' },
  'equals-default': { level: 'note', about: 'The value is the default of the product.' },
  'no-effect': { level: 'warning', about: 'Another layer wins over this line on every device.' },
  'says-again': { level: 'note', about: 'A layer below says the same already.' },
  'too-many-expressions': { level: 'error', about: 'A feedback slot of the device takes fewer expressions.' },
  'not-checked': { level: 'warning', about: 'Roomd does not know what these devices accept.' },
  'depends-on-variant': {
    level: 'warning',
    about: 'Some variants of the product refuse this, and the product text does not tell which one it is.',
  },
} as const satisfies Record<string, { level: Level; about: string }>;

export type Rule = keyof typeof RULES;
export type Level = 'error' | 'warning' | 'note';

/** One thing that is wrong, or worth a look, with one line of the file, for all devices that it concerns. */
export interface Finding {
  readonly rule: Rule;
  readonly level: Level;
  /** Null where it is about devices, not about a setting. */
  readonly path: PathText | null;
  readonly place: Place;
  /** `profile boardroom`; null where no layer is meant. */
  readonly layer: string | null;
  /** A sentence; the text of a secret is never in it. */
  readonly message: string;
  /** What to do, a sentence; null where the message says it. */
  readonly remedy: string | null;
  /** `Cisco Codec Pro 26.4.1`, sorted. */
  readonly products: readonly string[];
  /** Names, in the order of the file. */
  readonly devices: readonly string[];
}

export interface LintReport {
  /** The software that was asked about; null: what the devices run. */
  readonly software: string | null;
  /** Errors first, then by place. */
  readonly findings: readonly Finding[];
  readonly summary: LintSummary;
}

export interface LintSummary {
  readonly devices: number;
  /** Devices of which it is known what they accept. */
  readonly checked: number;
  /** Settings of all devices together. */
  readonly settings: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** What an upgrade does; null where none was asked about. */
  readonly upgrade: UpgradeSummary | null;
}

/** Findings of each kind, one a line of the file, and the devices that they concern. */
export interface UpgradeSummary {
  readonly vanish: number;
  /** Lines that would be refused afterwards, for whatever reason. */
  readonly refused: number;
  readonly spaces: number;
  readonly defaults: number;
  readonly devices: number;
  /** Devices of which it is not known what they run now, or what that accepts: what changes there is not told. */
  readonly uncompared: number;
}
