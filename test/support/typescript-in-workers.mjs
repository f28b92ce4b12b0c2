// Node 20 does not read TypeScript. Worker threads that tests start need it, and
// vitest's own transform does not reach them; where Node strips types itself this does nothing.
import { register } from 'node:module';

if (!process.features.typescript) register('./typescript-loader.mjs', import.meta.url);
