import type { ShownPlan } from '../../../../src/actions/present.ts';

type AnyPlace = ShownPlan['problems'][number]['place'] | null;

/** `50 → 70`, said in words to those who hear it. */
export function Arrow({ from, to }: { from: string | null; to: string }) {
  return (
    <span class="arrow">
      <span class="unseen">from </span>
      <del>{shown(from)}</del> <span aria-hidden="true">→</span>
      <span class="unseen"> to </span> <ins>{shown(to)}</ins>
    </span>
  );
}

function shown(value: string | null): string {
  if (value === null) return 'nothing';
  return value === '' ? '""' : value;
}

/** The line of the file that asks for it, as compilers write it. */
export function Place({ of: place }: { of: AnyPlace | undefined }) {
  if (place === null || place === undefined) return null;
  const { file, line, column } = place;
  return (
    <code class="hint">
      in {file}:{line}:{column}
    </code>
  );
}
