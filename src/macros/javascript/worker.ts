import { parentPort, workerData } from 'node:worker_threads';
import type { SandboxJob } from './protocol.ts';
import { serveSandbox } from './serve-sandbox.ts';

/** The entry of the thread of a script; everything it does stands in `serveSandbox`. */
if (parentPort !== null) await serveSandbox(parentPort, workerData as SandboxJob);
