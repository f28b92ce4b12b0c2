import { RoomdError } from '../lib/errors.ts';

/**
 * What can be wrong with schema data.
 *
 * | code | meaning |
 * |---|---|
 * | schema-unreadable | the text is no vendor schema file; the message says where and what was expected |
 * | product-unknown | the file does not describe this product |
 * | pattern-invalid | a path in a schema cannot be read |
 * | software-unknown | a device is to be made from a schema that does not say its software version |
 */
export type SchemaErrorCode =
  | 'schema-unreadable'
  | 'product-unknown'
  | 'pattern-invalid'
  | 'software-unknown';

export class SchemaError extends RoomdError<SchemaErrorCode> {}
