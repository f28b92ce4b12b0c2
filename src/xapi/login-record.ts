/** What is known of one secret at one device, or of one credentials entry in the fleet. */
export interface LoginRecord {
  /** `open`: nothing is known. `trying`: an attempt began whose outcome is not known (yet, or for ever after a crash). */
  readonly state: 'open' | 'trying' | 'accepted' | 'refused';
  /** At a device: attempts without an outcome. For a credentials entry: devices that refused it. */
  readonly attempts: number;
  /** Wall time of the last change, integer UTC milliseconds. */
  readonly at: number;
  readonly reason: string | null;
}

/** Where records survive restarts. A key holds no secret, only its keyed fingerprint. */
export interface LoginGateStore {
  get(key: string): Promise<LoginRecord | null>;
  put(key: string, record: LoginRecord): Promise<void>;
}

/** A store for one-shot commands and tests. */
export function memoryLoginGateStore(): LoginGateStore {
  const records = new Map<string, LoginRecord>();
  return {
    get: async (key) => records.get(key) ?? null,
    put: async (key, record) => void records.set(key, record),
  };
}
