import pLimit from 'p-limit';

/** Runs work when a place among so many is free. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function limitOf(concurrency: number): Limit {
  const limit = pLimit(concurrency);
  return (work) => limit(work);
}
