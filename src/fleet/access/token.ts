import type { Role } from '../fleet.ts';
import type { FileToken } from './entry.ts';
import { hashToken, newToken } from './hash.ts';

/** Makes a token to hand out once, and the line for `daemon.tokens` that lets it in. */
export async function createFileToken(
  name: string,
  role: Role,
  devices: string | null = null,
): Promise<{ token: string; entry: FileToken }> {
  const token = newToken();
  return { token, entry: { name, role, devices, hash: await hashToken(token) } };
}
