import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import type { CompiledEngine, SandboxLimits } from './protocol.ts';

/** Node has it; the types of the language without a browser do not tell of it. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => unknown;
  compile(bytes: Uint8Array): Promise<CompiledEngine>;
};

const PAGE_BYTES = 65_536;
/** What the engine asks for at its start. */
const FIRST_PAGES = 256;

// The package describes its CommonJS form; what an ES module imports is the variant itself.
const quickJs = variant as unknown as QuickJSSyncVariant;

/** The engine's code, for any number of engines in any threads: what one thread made ready of it need not be made again. */
export async function compileEngine(): Promise<CompiledEngine> {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  return await WebAssembly.compile(await readFile(path));
}

/**
 * A new engine with a memory of its own that cannot grow beyond the limit.
 * The engine's own limit counts what a script asks for at once and not what it
 * keeps, as its allocator cannot tell the size of a block (quickjs-emscripten
 * issue 271); a memory that refuses to grow is a limit for all of it.
 */
export function newEngine(
  compiled: CompiledEngine,
  { memoryBytes }: SandboxLimits,
): Promise<QuickJSWASMModule> {
  const memory = new WebAssembly.Memory({
    initial: FIRST_PAGES,
    maximum: Math.max(FIRST_PAGES, Math.floor(memoryBytes / PAGE_BYTES)),
  });
  return newQuickJSWASMModuleFromVariant(newVariant(quickJs, { wasmModule: compiled, wasmMemory: memory }));
}
