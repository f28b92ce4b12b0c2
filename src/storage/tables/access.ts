/** Who may use the API: a token, or a user with a password. */
export interface ApiEntryTable {
  name: string;
  role: 'viewer' | 'operator' | 'admin';
  /** Selector of the devices that it is limited to; null: the whole fleet. */
  devices: string | null;
  /** Of the token or the password; see `fleet/access/hash`. */
  hash: string;
  made_at: number;
  made_by: string;
  /** Null: never. */
  expires_at: number | null;
}

/** What somebody did that leaves no other trace. */
export interface DeedTable {
  at: number;
  actor: string;
  /** Name of the verb: `tokens.revoke`. */
  verb: string;
  /** The rest of a sentence that begins with who did it. */
  what: string;
}

/** When a token or user was used last, also one of the fleet file. */
export interface ApiUseTable {
  kind: 'token' | 'user';
  place: 'file' | 'database';
  name: string;
  used_at: number;
}

/** A browser that is signed in. */
export interface ApiSessionTable {
  /** SHA-256 of the id in its cookie. */
  digest: string;
  /** What it was signed in by, as that was then; it ends when that is no more. */
  proof: string;
  made_at: number;
  used_at: number;
}
