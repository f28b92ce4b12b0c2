import type { MessagePort } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, type QuickJSSyncVariant } from 'quickjs-emscripten-core';
import { systemClock } from '../../lib/clock.ts';
import type { Answer, SandboxJob, SandboxNews } from './protocol.ts';
import { Sandbox } from './sandbox.ts';

/** What a thread of a script does: loads an engine, does its job, and answers no more than that. */
export async function serveSandbox(port: MessagePort, job: SandboxJob): Promise<void> {
  // The package describes its CommonJS form; what an ES module imports is the variant itself.
  const engine = await newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant);
  const tell = (news: SandboxNews): void => port.postMessage(news);
  const parts = { engine, limits: job.limits, clock: systemClock(), tell };
  if (job.does === 'check') {
    for (const file of job.files) tell({ says: 'checked', fault: new Sandbox(file, parts).check() });
    return;
  }
  const sandbox = new Sandbox(job.file, parts);
  port.on('message', (answer: Answer) => sandbox.answer(answer));
  sandbox.run(job.given);
}
