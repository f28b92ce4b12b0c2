import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core';
import type { Fault, SandboxLimits, Spot } from './protocol.ts';

/** A script can put anything in place of a stack. */
const MOST_STACK = 10_000;

/** The first place in a script's own file that a stack names; null where it names none. */
export function spotIn(stack: string, file: string): Spot | null {
  const frame = stack
    .slice(0, MOST_STACK)
    .split('\n')
    .find((line) => line.includes(`${file}:`));
  const match = /:(\d+):(\d+)\)?\s*$/.exec(frame ?? '');
  return match === null ? null : { line: Number(match[1]), column: Number(match[2]) };
}

/** What a script threw, in a sentence with its place. */
export function faultOf(
  context: QuickJSContext,
  thrown: QuickJSHandle,
  { file, limits }: { file: string; limits: SandboxLimits },
): Fault {
  if (context.typeof(thrown) !== 'object')
    return { message: `it threw ${textOf(context, thrown)}`, at: null };
  const [name, message, stack] = ['name', 'message', 'stack'].map((key) => member(context, thrown, key));
  const at = spotIn(stack ?? '', file);
  if (message === undefined) return { message: 'it threw something that is no Error', at };
  return { message: sentence(name ?? '', message, limits), at };
}

export function tooLong({ turnMs }: SandboxLimits): string {
  return `it computes for more than ${turnMs} ms without an await`;
}

function sentence(name: string, message: string, limits: SandboxLimits): string {
  if (name === 'InternalError') {
    if (message === 'interrupted') return tooLong(limits);
    if (message === 'out of memory')
      return `it takes more than ${limits.memoryBytes / 1024 / 1024} MB of memory`;
    if (message === 'stack overflow') return 'its calls within one another are too many';
  }
  return ['', 'Error', 'StepError'].includes(name) ? message : `${name}: ${message}`;
}

/** A member that is a text; a getter of the script's may throw. */
function member(context: QuickJSContext, object: QuickJSHandle, key: string): string | undefined {
  try {
    return context
      .getProp(object, key)
      .consume((value) => (context.typeof(value) === 'string' ? context.getString(value) : undefined));
  } catch {
    return undefined;
  }
}

function textOf(context: QuickJSContext, value: QuickJSHandle): string {
  return context.typeof(value) === 'symbol' ? 'a symbol' : context.getString(value).slice(0, 200);
}
