import type { Command } from 'commander';
import { listSchemas, schemaImport } from '../../actions/schema-import.ts';
import { productOfCodeName } from '../../schema/products.ts';
import { type Finish, handler } from '../command.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { readEachSchemaFile } from '../schema-files.ts';
import { count, table } from '../terminal.ts';
import { withRecord } from '../verbs.ts';

/** What is known of products: taking in the vendor's files, and what there is. */
export function addSchemaCommands(schema: Command, context: CliContext, finish: Finish): void {
  const { terminal } = context;
  schema
    .command('import <files...>')
    .description("take in the vendor's xAPI schema files: what each product accepts on a software version")
    .option('--software <version>', 'the software that the files describe, where their names do not say')
    .addHelpText(
      'after',
      '\nThe vendor publishes the files (roomos.cisco.com); roomd ships none. 26.4.1.json says its version by its name.\nOf several files those that are good are taken in; each of the others is named (exit 1).',
    )
    .action(
      handler<{ software?: string }>(finish, async (options, files) => {
        const { read, failures } = await readEachSchemaFile(files, options.software ?? null, context);
        for (const failure of failures) terminal.err(`roomd: ${failure}`);
        if (read.length === 0) return EXIT.failed;
        return withRecord(options, context, async (verbs) => {
          const imported = [];
          for (const { name, products } of read) {
            const [first] = products;
            const software = first?.software ?? '';
            imported.push(
              await verbs.perform(schemaImport, {
                origin: name,
                software,
                products: products.map(({ product, content }) => ({
                  product,
                  content: Buffer.from(content).toString('base64'),
                })),
              }),
            );
            if (!options.json) terminal.out(`${name}: ${software}, ${count(products.length, 'product')}.`);
          }
          if (options.json) terminal.out(JSON.stringify({ imported, failures }, null, 2));
          return failures.length === 0 ? EXIT.ok : EXIT.failed;
        });
      }),
    );
  schema
    .command('list')
    .description('of which products on which software roomd knows what they accept')
    .action(
      handler(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const { items } = await verbs.perform(listSchemas, {});
          if (options.json) terminal.out(JSON.stringify({ items }, null, 2));
          else if (items.length === 0)
            terminal.out('Nothing yet: roomd plan learns it from devices, roomd schema import from files.');
          else
            for (const line of table(
              items.map(({ product, software, settings, source, origin }) => [
                product,
                productOfCodeName(product)?.name ?? '',
                software,
                count(settings, 'setting'),
                source === 'device' ? `read from ${origin}` : `from ${origin}`,
              ]),
              terminal.columns,
            ))
              terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
}
