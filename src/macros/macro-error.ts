import { RoomdError } from '../lib/errors.ts';

/**
 * | code | meaning |
 * |---|---|
 * | macro-unknown | the file has no macro of that name |
 * | macro-disabled | the macro says `enabled: false` |
 * | device-not-meant | the macro's selector does not name the device |
 * | device-unknown | roomd keeps no session to a device of that name |
 * | run-unknown | there is no run of that id |
 * | step-unknown | the macro has no step of that number |
 * | step-refused | a step by hand has arguments that no macro could have |
 */
export type MacroErrorCode =
  | 'macro-unknown'
  | 'macro-disabled'
  | 'device-not-meant'
  | 'device-unknown'
  | 'run-unknown'
  | 'step-unknown'
  | 'step-refused';

export class MacroError extends RoomdError<MacroErrorCode> {}
