import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../../lib/clock.ts';
import { newEngine } from './engine.ts';
import type { Answer, JavaScriptFile, SandboxJob, SandboxNews } from './protocol.ts';
import { Sandbox } from './sandbox.ts';

/** What a thread of a script does: loads an engine, does its job, and answers no more than that. */
export async function serveSandbox(port: MessagePort, job: SandboxJob): Promise<void> {
  const tell = (news: SandboxNews): void => port.postMessage(news);
  const sandboxOf = async (file: JavaScriptFile): Promise<Sandbox> => {
    const engine = await newEngine(job.engine, job.limits);
    return new Sandbox(file, { engine, limits: job.limits, clock: systemClock(), tell });
  };
  if (job.does === 'check') {
    for (const file of job.files) tell({ says: 'checked', fault: (await sandboxOf(file)).check() });
    return;
  }
  const sandbox = await sandboxOf(job.file);
  port.on('message', (answer: Answer) => sandbox.answer(answer));
  sandbox.run(job.given);
}
