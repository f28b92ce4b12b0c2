import type { Trouble } from './keeper.ts';

/** So many answers in a row say that a device has become slow, or quick again. */
const IN_A_ROW = 3;

/** Watches how long answers take: one slow answer is chance, some in a row are told as a trouble, and as none when they are quick again. */
export function paceWatch(
  { slowMs }: { readonly slowMs: number },
  tell: (trouble: Trouble | null) => void,
): (tookMs: number) => void {
  let isSlow = false;
  let against = 0;
  return (tookMs) => {
    against = tookMs > slowMs === isSlow ? 0 : against + 1;
    if (against < IN_A_ROW) return;
    isSlow = !isSlow;
    against = 0;
    tell(isSlow ? { code: 'deadline', message: `reads take longer than ${slowMs / 1_000} s` } : null);
  };
}
