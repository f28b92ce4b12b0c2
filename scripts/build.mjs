// Compiles src to dist from scratch, and the dashboard to dist/web: what was deleted from src must not live on in dist.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}/dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
execFileSync(
  process.execPath,
  [`${root}/node_modules/vite/bin/vite.js`, 'build', 'web', '--logLevel', 'warn'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
chmodSync(`${root}/dist/cli/main.js`, 0o755);
