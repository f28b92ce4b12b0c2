import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';
import { cut, type Terminal } from './terminal.ts';

const USUAL_COLUMNS = 80;
const ERASE_LINE = '\r\u001b[K';

/** Later versions of Node ask the stream again; here it is settled. */
const styleAlways: Terminal['style'] = (style, text) => styleText(style, text, { validateStream: false });

/** How the terminal is to be used. */
export interface TerminalUse {
  readonly isColored: boolean;
  /** A line can be written over. */
  readonly canOverwrite: boolean;
  readonly hasDisplay: boolean;
}

/** The terminal that this process was started from. */
export function processTerminal({ isColored, canOverwrite, hasDisplay }: TerminalUse): Terminal {
  const { stdout, stderr, stdin } = process;
  const isWatched = stdout.isTTY && stderr.isTTY && canOverwrite;
  const width = stdout.columns || USUAL_COLUMNS;
  let isLineOpen = false;
  const closeLine = (): void => {
    if (isLineOpen) stderr.write(ERASE_LINE);
    isLineOpen = false;
  };
  return {
    isInteractive: stdin.isTTY && stdout.isTTY,
    columns: stdout.isTTY ? width : 10_000,
    out(line) {
      closeLine();
      stdout.write(`${line}\n`);
    },
    async write(text) {
      closeLine();
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    err(line) {
      closeLine();
      // Colours that were meant for the screen are of no use in a log.
      stderr.write(`${stderr.isTTY === stdout.isTTY ? line : stripVTControlCharacters(line)}\n`);
    },
    ...(isWatched
      ? {
          progress(line: string) {
            stderr.write(`${ERASE_LINE}${styleAlways('dim', cut(line, width - 1))}`);
            isLineOpen = true;
          },
        }
      : {}),
    style: (style, text) => (isColored ? styleAlways(style, text) : text),
    async confirm(question, signal) {
      closeLine();
      const prompt = createInterface({ input: stdin, output: stdout });
      try {
        const answer = await prompt.question(`${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        prompt.close();
      }
    },
    async askSecret(question, signal) {
      closeLine();
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
    ...(hasDisplay ? { browse } : {}),
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

/** The desktop knows which browser; once its program has started, the rest is between them. */
function browse(address: string): Promise<boolean> {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  return new Promise((resolve) => {
    const child = spawn(opener, [address], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
    child.unref();
  });
}
