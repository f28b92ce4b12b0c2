import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Terminal } from './terminal.ts';

/** The terminal that this process was started from. */
export function processTerminal({ noColor }: { noColor: boolean }): Terminal {
  const { stdout, stderr, stdin } = process;
  const isColored = stdout.isTTY && !noColor;
  return {
    isInteractive: stdin.isTTY && stdout.isTTY,
    columns: stdout.isTTY ? stdout.columns : 10_000,
    out: (line) => void stdout.write(`${line}\n`),
    async write(text) {
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    err: (line) => void stderr.write(`${line}\n`),
    style: (style, text) => (isColored ? styleText(style, text) : text),
    async confirm(question, signal) {
      const prompt = createInterface({ input: stdin, output: stdout });
      try {
        const answer = await prompt.question(`${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        prompt.close();
      }
    },
    async askSecret(question, signal) {
      stderr.write(question);
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const prompt = createInterface({ input: stdin, output: nowhere, terminal: true });
      try {
        return await prompt.question('', { signal });
      } finally {
        prompt.close();
        stderr.write('\n');
      }
    },
    async input(signal) {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin as AsyncIterable<Buffer>) {
        signal.throwIfAborted();
        chunks.push(chunk);
      }
      return Buffer.concat(chunks)
        .toString('utf8')
        .replace(/\r?\n$/, '');
    },
  };
}
