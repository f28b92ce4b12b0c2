import * as fc from 'fast-check';

// The same inputs at every run, so that a failure can be seen again.
fc.configureGlobal({ seed: 20_261_123 });

export { fc };
