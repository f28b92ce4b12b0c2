import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitMarkdown } from '../../../src/integrations/webex-messaging/split-markdown.ts';

const bytes = (text: string): number => Buffer.byteLength(text);

describe('splitMarkdown', () => {
  it('leaves what fits as it is', () => {
    expect(splitMarkdown('**all** is well\n\n- really')).toEqual(['**all** is well\n\n- really']);
  });

  it('gives no part for blank text', () => {
    expect(splitMarkdown(' \n\n ')).toEqual([]);
  });

  it('cuts between paragraphs before it cuts between lines', () => {
    const first = `${'a'.repeat(60)}\n${'b'.repeat(20)}`;
    const second = `${'c'.repeat(20)}\n${'d'.repeat(60)}`;
    expect(splitMarkdown(`${first}\n\n${second}`, 128)).toEqual([first, second]);
  });

  it('cuts between lines before it cuts between words', () => {
    const lines = Array.from({ length: 6 }, (_, line) => `- room ${line} is offline since noon`);
    expect(splitMarkdown(lines.join('\n'), 128)).toEqual([
      lines.slice(0, 4).join('\n'),
      lines.slice(4).join('\n'),
    ]);
  });

  it('cuts between words in a single long line', () => {
    const words = Array.from({ length: 40 }, (_, word) => `word${word}`);
    const parts = splitMarkdown(words.join(' '), 128);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join(' ')).toBe(words.join(' '));
  });

  it('counts bytes and never cuts a code point', () => {
    const parts = splitMarkdown('🙂'.repeat(100), 130);
    expect(parts.map(bytes)).toEqual([128, 128, 128, 16]);
    expect(parts.join('')).toBe('🙂'.repeat(100));
  });

  it('closes a fenced code block at the end of a part and opens it again in the next', () => {
    const code = Array.from({ length: 20 }, (_, line) => `line ${line} of the log`);
    const parts = splitMarkdown(`Log:\n\n\`\`\`text\n${code.join('\n')}\n\`\`\`\n\nEnd.`, 128);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.filter((part) => endsInCode(part.replace('```text', '```')))).toEqual([]);
    expect(parts[1]).toMatch(/^```text\nline /);
    expect(parts.at(-1)).toMatch(/End\.$/);
    const kept = parts
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('line '));
    expect(kept).toEqual(code);
  });

  it('does not leave an empty code block where the cut falls on the closing line', () => {
    const text = `\`\`\`\n${'x'.repeat(118)}\n\`\`\`\n\nafter it`;
    const parts = splitMarkdown(text, 128);
    expect(parts).toEqual([`\`\`\`\n${'x'.repeat(118)}\n\`\`\``, 'after it']);
  });

  it('refuses a limit too small to work with', () => {
    expect(() => splitMarkdown('x', 10)).toThrow(RangeError);
  });

  it('loses no character but white space and fences, keeps the limit and balances fences, whatever comes', () => {
    const word = constantFrom('room', 'é', '🙂', 'x'.repeat(90), '`code`', '**b**', '漢字', '\u0301');
    const gap = constantFrom(' ', '\n', '\n\n', '\n```js\n', '\n```\n', '\n~~~~\n', '');
    const text = array(tuple(word, gap), { maxLength: 120 }).map((pairs) => pairs.flat().join(''));
    assert(
      property(text, integer({ min: 128, max: 400 }), (markdown, limit) => {
        const parts = splitMarkdown(markdown, limit);
        for (const part of parts) {
          expect(bytes(part)).toBeLessThanOrEqual(limit);
          expect(part.trim()).not.toBe('');
          expect(Buffer.from(part).toString()).toBe(part);
        }
        expect(parts.slice(0, -1).filter(endsInCode)).toEqual([]);
        expect(solid(parts.join('\n'))).toBe(solid(markdown));
      }),
      { seed: 20261123, numRuns: 300 },
    );
  });
});

function endsInCode(part: string): boolean {
  let marks: string | null = null;
  for (const line of part.split('\n')) {
    const found = /^(```|~~~~)/.exec(line)?.[1];
    if (found === undefined) continue;
    if (marks === null) marks = found;
    else if (line === marks) marks = null;
  }
  return marks !== null;
}

function solid(markdown: string): string {
  return markdown.replaceAll(/^(?:`{3}(?:js)?|~{4})$/gm, '').replaceAll(/\s/g, '');
}
