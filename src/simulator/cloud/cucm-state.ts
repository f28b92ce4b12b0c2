/** A phone as the stand-in holds it; rooms, boards and desks are phones. */
export interface StandInPhone {
  /** `{UPPER}`, as AXL writes it. */
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  readonly product: string;
  readonly model: string;
  readonly protocol: string;
  readonly devicePoolName: string;
  readonly locationName: string;
  /** Empty: it never registered. */
  readonly ipAddress: string;
  readonly status: 'Registered' | 'UnRegistered' | 'Rejected';
  readonly load: string;
  readonly dirNumber: string;
  readonly node: string;
  /** UTC seconds of its status. */
  readonly timeStamp: number;
}

export interface StandInChange {
  readonly id: number;
  readonly action: 'a' | 'u' | 'r';
  readonly uuid: string;
}

/** The database of a cluster, as far as AXL and RISPort70 show it. */
export class CucmState {
  readonly phones = new Map<string, StandInPhone>();
  readonly changes: StandInChange[] = [];
  readonly queueId: string;

  constructor({ queueId, phones }: { queueId: string; phones: readonly StandInPhone[] }) {
    this.queueId = queueId;
    for (const phone of phones) this.phones.set(phone.name, phone);
  }

  /** In the order of their names, as one index would give them. */
  list(): StandInPhone[] {
    return [...this.phones.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(phone: StandInPhone): void {
    this.#changed(this.phones.has(phone.name) ? 'u' : 'a', phone);
    this.phones.set(phone.name, phone);
  }

  remove(name: string): StandInPhone | null {
    const phone = this.phones.get(name);
    if (phone === undefined) return null;
    this.phones.delete(name);
    this.#changed('r', phone);
    return phone;
  }

  #changed(action: StandInChange['action'], { uuid }: StandInPhone): void {
    const id = (this.changes.at(-1)?.id ?? 0) + 1;
    this.changes.push({ id, action, uuid: uuid.replaceAll(/[{}]/g, '').toLowerCase() });
  }
}

/** `%` stands for anything, case does not count. */
export function isLikeSql(text: string, pattern: string): boolean {
  const parts = pattern.split('%').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(text);
}
