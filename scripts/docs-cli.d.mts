export function cliDocument(help: (argv: readonly string[]) => Promise<string>): Promise<string>;
