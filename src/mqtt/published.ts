import type { Database } from '../storage/database.ts';
import { getFact, setFact } from '../storage/facts.ts';
import type { MqttSettings } from './mqtt-section.ts';

const FACT = 'mqtt-published';

/** What lies retained at a broker, so that it can be taken away, also by a later run. */
export interface Published extends Pick<MqttSettings, 'url' | 'prefix' | 'discovery'> {
  /** Device → the sensors that it has shown, by `sensorKey`. */
  readonly devices: Readonly<Record<string, readonly string[]>>;
}

export async function readPublished(database: Database): Promise<Published | null> {
  const text = await getFact(database, FACT);
  // Written by roomd alone.
  return text === null || text === '' ? null : (JSON.parse(text) as Published);
}

/** @param published null: nothing lies there any more */
export async function keepPublished(database: Database, published: Published | null): Promise<void> {
  await setFact(database, FACT, published === null ? '' : JSON.stringify(published));
}
