import { expect, test } from 'vitest';
import { csvLine } from '../../src/lib/csv.ts';

test('a line of CSV holds what RFC 4180 says, and runs nothing in a spreadsheet', () => {
  expect(csvLine(['plain', 1.5, -2, true, null, ''])).toBe('plain,1.5,-2,true,,\r\n');
  expect(csvLine(['a "b"', 'c,d', 'e\nf', 'Sal København'])).toBe('"a ""b""","c,d","e\nf",Sal København\r\n');
  expect(csvLine(['=1+1', '+47', '-x', '@SUM(A1)', '\tx', '=HYPERLINK("x,y")'])).toBe(
    `'=1+1,'+47,'-x,'@SUM(A1),'\tx,"'=HYPERLINK(""x,y"")"\r\n`,
  );
});
