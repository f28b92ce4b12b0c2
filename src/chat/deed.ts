/** What somebody is asked to agree to: plain data, so that it can be done after a restart, too. */
export type Deed =
  | { readonly kind: 'run'; readonly macro: string; readonly device: string | null }
  /** Exactly the plan that was shown. */
  | { readonly kind: 'apply'; readonly device: string | null; readonly fingerprint: string };

/** The option of a question with a deed that means yes, counted from 1. */
export const YES = 1;
