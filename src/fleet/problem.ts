/** Where something stands in a file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong with the fleet file, or worth a person's look. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly place: Place | null;
  /** Where in the document: `devices[3].host`. */
  readonly path: string;
  /** What is wrong, and what would be right: one sentence each. */
  readonly message: string;
}

/** The one to tell where there is room for one: the first error, or the first warning. */
export function foremost(problems: readonly Problem[]): Problem | undefined {
  return problems.find(({ severity }) => severity === 'error') ?? problems[0];
}

export function formatPlace(place: Place | null): string {
  return place === null ? '' : `${place.file}:${place.line}:${place.column}`;
}

/** A place as one names it to somebody who looks at `from`: `on line 12`, or with its file where that is another. */
export function placeSeenFrom(place: Place, from: Place | null): string {
  return place.file === from?.file ? `on line ${place.line}` : `in ${formatPlace(place)}`;
}

/** `fleet.yaml:12:5 devices[3].host: …`, as compilers write it. */
export function formatProblem({ severity, place, path, message }: Problem): string {
  const head = [formatPlace(place), path].filter((part) => part !== '').join(' ');
  return `${head === '' ? '' : `${head}: `}${severity === 'warning' ? 'warning: ' : ''}${message}`;
}
