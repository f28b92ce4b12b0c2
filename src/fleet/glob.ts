/** Whether a text fits a pattern: `*` stands for anything, `?` for one character, case is ignored. Only the last star is tried anew, so no pattern takes long. */
export function isLike(text: string, glob: string): boolean {
  const value = text.toLowerCase();
  const pattern = glob.toLowerCase();
  let star = -1;
  let resume = 0;
  let at = 0;
  let index = 0;
  while (index < value.length) {
    if (pattern[at] === '*') {
      star = at;
      resume = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === value[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      resume += 1;
      index = resume;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
