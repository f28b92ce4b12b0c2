import { sections } from '../../daemon/sections.ts';
import { fleetJsonSchema } from '../../fleet/json-schema.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { addSchemaCommands } from './schema-import.ts';

export const schemaCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  const schema = program
    .command('schema')
    .description('print the JSON Schema of fleet.yaml for an editor; import and list what products accept')
    .addHelpText(
      'after',
      '\nroomd schema > fleet.schema.json, and as the first line of fleet.yaml:\n# yaml-language-server: $schema=./fleet.schema.json',
    )
    .action(
      handler(finish, async () => {
        terminal.out(JSON.stringify(fleetJsonSchema(sections), null, 2));
        return EXIT.ok;
      }),
    );
  addSchemaCommands(schema, context, finish);
};
