/** What the surroundings say about colours. */
export interface ColorWishes {
  /** `NO_COLOR` is set, or `FORCE_COLOR` to 0. */
  readonly noColor: boolean;
  /** `FORCE_COLOR` is set. */
  readonly forceColor?: boolean;
}

/** Whether text is coloured: the command line wins over the environment, and that over whether a terminal shows it. */
export function isColored(
  argv: readonly string[],
  { noColor, forceColor = false }: ColorWishes,
  isTerminal: boolean,
): boolean {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const asked = words.findLast((word) => word === '--color' || word === '--no-color');
  if (asked !== undefined) return asked === '--color';
  return forceColor || (isTerminal && !noColor);
}
