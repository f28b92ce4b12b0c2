/** Puts how far the whole has come before what is told of each: `3 of 40, hall: in-sync`. */
export function counted(total: number, tell: ((line: string) => void) | undefined): (line: string) => void {
  let done = 0;
  return (line) => {
    done += 1;
    tell?.(`${done} of ${total}, ${line}`);
  };
}
