import { describe, expect, test } from 'vitest';
import { lines, loadText } from './load-text.ts';

/** What is told of a file: its syntax is judged by itself, so a few lines do. */
async function told(text: string): Promise<string[]> {
  return lines(await loadText(text));
}

const DEVICES = `devices:
  - name: one
    host: 10.0.0.1
    timezone: Europe/Oslo
  - name: two
    host: 10.0.0.2
`;

const QUOTES =
  'put quotes around ${env:ROOM_PASSWORD}: "${env:ROOM_PASSWORD}". Inside [ ] or { } the braces of a bare one mean a map.';
const TAB = 'a tab indents this line; YAML takes spaces only.';
const TOO_DEEP =
  'this line is indented deeper than the one before it, which has its value already: things that belong together start in one column.';

describe('a mistake in the YAML is told once, where it was made', () => {
  test.each([
    ['credentials:\n  roomd: { username: admin, password: ${env:ROOM_PASSWORD} }\n', '2:39'],
    ['credentials: { roomd: { username: admin, password: ${env:ROOM_PASSWORD} } }\n', '1:52'],
    ['credentials:\n  roomd: {\n    username: admin,\n    password: ${env:ROOM_PASSWORD} }\n', '4:15'],
    ['secrets: [${env:ROOM_PASSWORD}]\n', '1:11'],
    ['credentials: { roomd: { username: a, password: a-${env:ROOM_PASSWORD} } }\n', '1:50'],
  ])('a reference without quotes: %j', async (text, place) => {
    expect(await told(`${text}version: 1\n${DEVICES}`)).toEqual([`${place}: ${QUOTES}`]);
  });

  test('what is not spelled like a reference is not repeated: it may be the password itself', async () => {
    expect(await told('credentials: { roomd: { username: a, password: ${hunter two} } }\n')).toEqual([
      '1:48: put quotes around a text that holds { or }: "${env:NAME}". Inside [ ] or { } the braces of a bare one mean a map.',
    ]);
  });

  test.each([
    ['    host: 10.0.0.1\n', '\thost: 10.0.0.1\n', '3:1'],
    ['    host: 10.0.0.1\n', '  \thost: 10.0.0.1\n', '3:3'],
    ['    timezone: Europe/Oslo\n', '\ttimezone: Europe/Oslo\n', '4:1'],
    ['    timezone: Europe/Oslo\n', '    \ttimezone: Europe/Oslo\n', '4:5'],
    ['    timezone: Europe/Oslo\n', '  \t  timezone: Europe/Oslo\n', '4:3'],
  ])('a tab: %j → %j', async (right, wrong, place) => {
    expect(await told(DEVICES.replace(right, wrong))).toEqual([`${place}: ${TAB}`]);
  });

  test.each([
    ['    host: 10.0.0.1\n', '     host: 10.0.0.1\n', '3:6'],
    ['    timezone: Europe/Oslo\n', '     timezone: Europe/Oslo\n', '4:6'],
    ['    host: 10.0.0.2\n', '     host: 10.0.0.2\n', '6:6'],
    ['    timezone', '    # a comment\n\n     timezone', '6:6'],
    ['10.0.0.1\n    timezone', '"10.0.0.1"\n     timezone', '4:6'],
    ['10.0.0.1\n    timezone', "'10.0.0.1' # why\n     timezone", '4:6'],
    ['10.0.0.1\n    timezone', '[10.0.0.1]\n     timezone', '4:6'],
    ['10.0.0.1\n    timezone', '{ a: b }\n     timezone', '4:6'],
  ])('a line too deep: %j → %j', async (right, wrong, place) => {
    expect(await told(DEVICES.replace(right, wrong))).toEqual([`${place}: ${TOO_DEEP}`]);
  });

  test('a line too shallow', async () => {
    const [one, ...more] = await told(DEVICES.replace('    host: 10.0.0.1', '   host: 10.0.0.1'));
    expect(one).toContain('3:1: this line is not indented like its neighbours');
    expect(more).toEqual([]);
  });

  test.each([
    ['  - name: two\n', '  name: two\n', '5:3'],
    ['  - name: two\n    host', '  name: two\n  host', '5:3'],
  ])('an item of a list without its dash: %j → %j', async (right, wrong, place) => {
    expect(await told(DEVICES.replace(right, wrong))).toEqual([
      `${place}: this line stands where the items of a list begin: put "- " before it if it begins one, else indent it like the lines of the item above.`,
    ]);
  });

  test.each([
    '    name: two\n    host: 10.0.0.2\n    timezone: Europe/Oslo\n',
    '    name: two\n    kind: board\n',
  ])('an item of a list without its dash, among the lines of another: %j', async (lines) => {
    const found = await told(
      `version: 1\n${DEVICES.replace('  - name: two\n    host: 10.0.0.2\n', lines)}credentials: { a: { username: a, password: "\${env:PW}" } }\n`,
    );
    expect(found.filter((line) => line.includes('twice'))).toEqual([
      '6:5 devices[0].name: "name" stands here twice; the first is on line 3. Put "- " before it if it begins the next item of the list, else keep one of them.',
    ]);
  });

  test('a second colon on a line', async () => {
    const [one, ...more] = await told('defaults:\n  a: b: c\nversion: 1\n');
    expect(one).toContain('2:6: a value stands where a name is expected: look for a second ": "');
    expect(more).toEqual([]);
  });

  test('mistakes that have nothing to do with one another are all told, three at most', async () => {
    expect(await told('a: @b\nb: `c\nc: !d e\nd: %f\n')).toEqual([
      '1:4: a text cannot begin with this character; put it in quotes.',
      '2:4: a text cannot begin with this character; put it in quotes.',
      '3:4: a word that begins with ! is a YAML tag, which fleet files do not use; put the text in quotes.',
    ]);
  });
});
