/**
 * What one product on one software version offers, as plain data. Built-in
 * simulated models write it by hand; `vendor-schema.ts` reads it from the
 * vendor's schema files.
 */
export interface ProductSchema {
  /** Vendor code name ("barents") or our own for a built-in model. */
  readonly product: string;
  /** For example "26.4.1"; null where the file does not say. */
  readonly software: string | null;
  readonly settings: readonly SettingSpec[];
  readonly statuses: readonly StatusSpec[];
  readonly commands: readonly CommandSpec[];
  readonly events: readonly EventSpec[];
}

/**
 * A path as it is written in schemas: names with an optional index or range.
 * `first`/`last` are wire ids; both null is the open list `[n]`.
 */
export interface PatternSegment {
  readonly name: string;
  readonly index: null | { readonly first: number | null; readonly last: number | null };
}

export interface SettingSpec {
  readonly path: readonly PatternSegment[];
  readonly valueSpace: ValueSpace;
  /** One default for all indices, or one for each written as "3" or "1.2" (indices joined by dots); null where unknown. */
  readonly defaults: { readonly all: string | null; readonly byIndex: Readonly<Record<string, string>> };
  /** Roles that may write it. */
  readonly roles: readonly string[];
  /** The device answers `***` (or nothing) instead of the value. */
  readonly hidden: boolean;
}

export interface StatusSpec {
  readonly path: readonly PatternSegment[];
  readonly valueSpace: ValueSpace | null;
}

export interface CommandSpec {
  readonly path: readonly string[];
  readonly params: readonly ParamSpec[];
  readonly multiline: boolean;
  readonly roles: readonly string[];
}

export interface ParamSpec {
  readonly name: string;
  readonly required: boolean;
  readonly valueSpace: ValueSpace | null;
  readonly default: string | null;
  /** How often the argument may be given in one command; null for the plain argument, given once. */
  readonly repeat: number | null;
}

export interface EventSpec {
  readonly path: readonly string[];
}

/** Lengths count UTF-8 bytes, as the devices do. */
export type ValueSpace =
  | { readonly type: 'Literal'; readonly values: readonly string[] }
  | {
      readonly type: 'Integer';
      readonly min: number | null;
      readonly max: number | null;
      readonly step: number | null;
    }
  | { readonly type: 'String'; readonly minLength: number; readonly maxLength: number | null };
