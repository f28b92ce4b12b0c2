import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadSettings } from './protocol.ts';
import { serve } from './serve.ts';

/** The entry of a database thread; everything it does stands in `serve`, which a MessageChannel can test. */
if (parentPort !== null) serve(parentPort, workerData as ThreadSettings);
