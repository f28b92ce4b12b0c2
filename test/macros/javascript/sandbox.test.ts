import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { compileEngine, newEngine } from '../../../src/macros/javascript/engine.ts';
import {
  type Answer,
  type Call,
  type Fault,
  SANDBOX_LIMITS,
  type SandboxNews,
} from '../../../src/macros/javascript/protocol.ts';
import { Sandbox } from '../../../src/macros/javascript/sandbox.ts';

const GIVEN = {
  macro: 'chore',
  trigger: { kind: 'hand' },
  device: { name: 'boardroom-1', tags: { site: 'oslo' } },
  steps: ['message', 'wait'],
};

const compiled = await compileEngine();

/** The lines stand from line 3 of the file on. */
function macro(...lines: string[]): string {
  return [
    "import { defineMacro } from 'roomd';",
    'export default defineMacro({ async run({ room, trigger, step, log, wait }) {',
    ...lines,
    '}});',
  ].join('\n');
}

function done(call: Call): Answer {
  return { id: call.id, isDone: true, json: '{"ok":true}' };
}

function refuse({ id }: Call): Answer {
  return { id, isDone: false, json: '{"code":"refused","message":"not now"}' };
}

/** Runs a file and answers its calls; what it told. */
async function told(
  source: string,
  answer: (call: Call) => Answer = done,
  limits = SANDBOX_LIMITS,
): Promise<SandboxNews[]> {
  const news: SandboxNews[] = [];
  const engine = await newEngine(compiled, limits);
  const parts = { engine, limits, clock: systemClock(), tell: (one: SandboxNews) => void news.push(one) };
  const sandbox = new Sandbox({ file: 'macros/a.js', source }, parts);
  sandbox.run(GIVEN);
  for (let next = 0; news.at(-1)?.says !== 'ended'; next += 1) {
    const one = news[next];
    if (one === undefined) throw new Error(`it neither asks nor ends: ${JSON.stringify(news)}`);
    if (one.says === 'call') sandbox.answer(answer(one));
  }
  return news;
}

function logged(news: readonly SandboxNews[]): string[] {
  return news.flatMap((one) => (one.says === 'log' ? [one.text] : []));
}

function faultOf(news: readonly SandboxNews[]): Fault | null {
  const last = news.at(-1);
  return last?.says === 'ended' ? last.fault : null;
}

describe('a script', async () => {
  it('is given its room, what set it off, and what its steps tell', async () => {
    const news = await told(
      macro(
        "const { ok } = await step.message({ text: 'x' });",
        'log(room.name, room.tags, trigger.kind, ok);',
      ),
    );
    expect(news.find(({ says }) => says === 'call')).toEqual({
      says: 'call',
      id: 1,
      kind: 'step',
      name: 'message',
      room: 0,
      args: '{"text":"x"}',
      at: { line: 3, column: 34 },
    });
    expect(logged(news)).toEqual(['boardroom-1 {"site":"oslo"} hand true']);
    expect(news.at(-1)).toEqual({ says: 'ended', fault: null, unawaited: 0 });
  });

  it('may catch that a step failed, and is shown the line that called it', async () => {
    const caught = macro(
      'try {',
      "  await step.message({ text: 'x' });",
      '} catch (error) {',
      '  log(error.code, error);',
      '}',
    );
    expect(logged(await told(caught, refuse))).toEqual(['refused StepError: not now']);
    expect(faultOf(await told(macro('', "  await step.message({ text: 'x' });"), refuse))).toEqual({
      message: 'not now',
      at: { line: 4, column: 21 },
    });
  });

  it('says in which line of its own file it threw', async () => {
    expect(faultOf(await told(macro('const nothing = null;', '  nothing.x;')))).toEqual({
      message: "TypeError: cannot read property 'x' of null",
      at: { line: 4, column: 10 },
    });
    expect(faultOf(await told(macro('throw 5;')))).toEqual({ message: 'it threw 5', at: null });
  });

  it('says in which line its syntax is wrong', async () => {
    expect(faultOf(await told(macro('let a = ;')))).toEqual({
      message: "SyntaxError: unexpected token in expression: ';'",
      at: { line: 3, column: 9 },
    });
  });

  it.each([
    ['export default 5;', /exports no macro/],
    ["import { defineMacro } from 'roomd';\nexport default defineMacro({ runs() {} });", /defineMacro takes/],
    ["import { defineMacro } from 'roomd';\nexport default defineMacro({ run() {}, when: 1 });", /no "when"/],
  ])('that defines no macro is told what to write: %j', async (source, message) => {
    expect(faultOf(await told(source))?.message).toMatch(message);
  });

  it('that did not await a call ends with it open', async () => {
    expect((await told(macro("step.message({ text: 'x' });"))).at(-1)).toEqual({
      says: 'ended',
      fault: null,
      unawaited: 1,
    });
  });

  it('that waits for what never comes is ended', async () => {
    expect(faultOf(await told(macro('await new Promise(() => {});')))?.message).toBe(
      'it waits for something that never comes',
    );
  });
});

describe('the limits', async () => {
  const LATE = 'it computes for more than 250 ms without an await';

  it.each([
    ['a loop', 'for (;;) {}'],
    ['a loop that catches', 'for (;;) try { for (;;) {} } catch {}'],
    ['a loop in a promise, caught', 'for (;;) try { await (async () => { for (;;) {} })() } catch {}'],
    ['a loop of promises', 'for (;;) await null;'],
    ['a regular expression', "/(a+)+$/.test('a'.repeat(40) + 'b');"],
    ['a getter of what it throws', 'throw { get message() { for (;;) {} } };'],
  ])('end %s', async (_what, body) => {
    const from = performance.now();
    const fault = faultOf(await told(macro(body)));
    expect(fault?.message).toMatch(/computes for more than|threw something/);
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it('show where it looped', async () => {
    const fault = faultOf(await told(macro('function turn() {', '  for (;;) {}', '}', 'turn();')));
    expect(fault).toEqual({ message: LATE, at: { line: 3, column: expect.any(Number) } });
  });

  it('end what takes too much memory, and leave a script that catches that within it', async () => {
    const greedy = 'const all = []; for (;;) all.push(new Uint8Array(4_000_000));';
    const patient = { ...SANDBOX_LIMITS, turnMs: 20_000, turnMostMs: 20_000 };
    expect(faultOf(await told(macro(greedy), done, patient))).toEqual({
      message: 'it takes more than 32 MB of memory',
      at: { line: 3, column: expect.any(Number) },
    });
    expect(
      logged(await told(macro(`try { ${greedy} } catch (error) { log(error.message) }`), done, patient)),
    ).toEqual(['out of memory']);
  });

  it('end what calls itself without end, or is nested without end', async () => {
    expect(faultOf(await told(macro('const f = () => f();', 'f();')))).toEqual({
      message: 'its calls within one another are too many',
      at: { line: 3, column: expect.any(Number) },
    });
    expect(faultOf(await told(macro("JSON.parse('['.repeat(500_000));")))?.message).toBe(
      'it is nested too deeply',
    );
  });

  it('bound calls, and what they carry', async () => {
    const few = { ...SANDBOX_LIMITS, steps: 20, calls: 50 };
    expect(
      faultOf(await told(macro("for (;;) await step.message({ text: 'x' });"), done, few))?.message,
    ).toBe('it calls more than 20 steps');
    expect(faultOf(await told(macro('for (;;) await room.state();'), done, few))?.message).toBe(
      'it asks roomd for something more than 50 times',
    );
    expect(faultOf(await told(macro("for (;;) step.message({ text: 'x' });")))?.message).toMatch(
      /more than 100 calls/,
    );
    expect(faultOf(await told(macro("await step.message({ text: 'x'.repeat(100_000) });")))?.message).toMatch(
      /arguments of message are longer than 65536/,
    );
  });

  it('bound what it logs', async () => {
    const lines = logged(await told(macro("for (let n = 0; n < 1_000; n += 1) log('x'.repeat(2_000));")));
    expect(lines.length).toBe(200);
    expect(lines[0]).toHaveLength(1_001);
    expect(lines.at(-1)).toMatch(/further lines are left out/);
  });
});

describe('nothing of the machine is within reach', async () => {
  it('by a name of the outside', async () => {
    const names =
      'process require module fetch WebAssembly Atomics Worker setTimeout console Deno Bun std os performance';
    const looks = names.split(' ').map((name) => `typeof ${name}`);
    expect(logged(await told(macro(`log(new Set([${looks.join(', ')}]).size, typeof process);`)))).toEqual([
      '1 undefined',
    ]);
  });

  it('through the constructors of what it is given', async () => {
    const ways = [
      "globalThis.constructor.constructor('return process')()",
      "log.constructor('return process')()",
      "step.message.constructor.constructor('return this')().process.env",
      "(await step.message({ text: 'x' })).constructor.constructor('return require')()",
      "Object.getPrototypeOf(async () => {}).constructor('return process')().then((found) => { throw found })",
      "(0, eval)('process')",
    ];
    for (const way of ways) {
      const news = await told(
        macro(
          `let found; try { found = await (${way}) } catch (error) { log(error.name) }`,
          'if (found) log("out")',
        ),
      );
      expect([way, ...logged(news)]).toEqual([way, expect.stringMatching(/^(Reference|Type)Error$/)]);
    }
  });

  it('by importing', async () => {
    for (const name of [
      'fs',
      'node:fs',
      './other.js',
      '/etc/passwd',
      'https://example.com/a.js',
      'roomd/../fs',
      'std',
    ]) {
      expect(faultOf(await told(macro(`await import('${name}');`)))?.message).toBe(
        `there is no module "${name}": a macro can import nothing but roomd`,
      );
      expect(faultOf(await told(`import x from '${name}';`))?.message).toMatch(
        /can import nothing but roomd/,
      );
    }
  });

  it('by bending the builtins that the border uses', async () => {
    const bent = [
      "JSON.stringify = () => '{';",
      'Map.prototype.get = () => undefined;',
      'Promise.prototype.then = undefined;',
      'Error = class { get stack() { return {} } };',
      "Object.prototype.says = 'ended';",
    ];
    for (const line of bent) {
      const kinds = (await told(macro(line, "await step.message({ text: 'x' });"))).map(({ says }) => says);
      expect(kinds.filter((kind) => !['call', 'idle', 'ended'].includes(kind))).toEqual([]);
      expect(kinds.at(-1)).toBe('ended');
    }
  });

  it('in what another run left behind', async () => {
    await told(
      macro("globalThis.left = 'behind'; Object.prototype.left = 'behind'; Array.prototype.left = 1;"),
    );
    expect(logged(await told(macro('log(typeof globalThis.left, typeof {}.left, typeof [].left);')))).toEqual(
      ['undefined undefined undefined'],
    );
  });
});
