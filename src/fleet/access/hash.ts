import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

interface Cost {
  /** Binary logarithm of N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

const KEY_BYTES = 32;
/** Of tokens in the fleet file, which stands in git: 16 MB and some 50 ms a try. */
const TOKEN_COST: Cost = { logN: 14, r: 8, p: 1 };
/** Of what people think up: 32 MB three times, as OWASP's cheat sheet on storing passwords has it. */
const PASSWORD_COST: Cost = { logN: 15, r: 8, p: 3 };
/** As Node counts it, with room to spare. */
const MOST_MEMORY = 128 * 1024 * 1024;

const TOKEN = /^roomd_[\w-]{32}$/;

/** 192 random bits. */
export function newToken(): string {
  return `roomd_${randomBytes(24).toString('base64url')}`;
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** SHA-256 in hex. Enough for what is random: nobody guesses it, however fast they may try. */
export function digestOf(random: string): string {
  return createHash('sha256').update(random).digest('hex');
}

/** `scrypt:SALT:KEY`, as the fleet file holds it. */
export async function hashToken(token: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${encoded(salt)}:${encoded(await stretched(token, salt, TOKEN_COST))}`;
}

/** `scrypt-15-8-3:SALT:KEY`: with its cost, so that a dearer one may come. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const { logN, r, p } = PASSWORD_COST;
  const key = await stretched(password.normalize('NFC'), salt, PASSWORD_COST);
  return `scrypt-${logN}-${r}-${p}:${encoded(salt)}:${encoded(key)}`;
}

export function opensByToken(token: string, hash: string): Promise<boolean> {
  return opens(token, hash);
}

export function opensByPassword(password: string, hash: string): Promise<boolean> {
  return opens(password.normalize('NFC'), hash);
}

/** What nobody's password opens, at the same cost as one that somebody's does. */
export const NOBODYS_HASH = `scrypt-${PASSWORD_COST.logN}-${PASSWORD_COST.r}-${PASSWORD_COST.p}:${'A'.repeat(22)}:`;

async function opens(text: string, hash: string): Promise<boolean> {
  const [scheme = '', salt, key] = hash.split(':');
  const cost = costOf(scheme);
  if (cost === null || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, 'base64url');
  const actual = await stretched(text, Buffer.from(salt, 'base64url'), cost);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function costOf(scheme: string): Cost | null {
  if (scheme === 'scrypt') return TOKEN_COST;
  const [logN, r, p] = (/^scrypt-(\d+)-(\d+)-(\d+)$/.exec(scheme) ?? []).slice(1).map(Number);
  return logN === undefined || r === undefined || p === undefined ? null : { logN, r, p };
}

/** Off the main thread. */
function stretched(text: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, salt, KEY_BYTES, { N: 2 ** logN, r, p, maxmem: MOST_MEMORY }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function encoded(bytes: Buffer): string {
  return bytes.toString('base64url');
}
