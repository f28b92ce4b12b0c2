export function cliDocument(
  commands: readonly (readonly string[])[],
  help: (argv: readonly string[]) => Promise<string>,
): Promise<string>;
