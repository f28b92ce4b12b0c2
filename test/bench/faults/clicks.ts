import Sqlite from 'better-sqlite3';
import { xmlPost } from '../../feedback/posts.ts';

/** A post that nothing else is like: somebody pressed the panel of that name. */
export function clickOf(panel: string, { padding = 0, serial = 'FTT1' } = {}): string {
  const id = `${panel}${padding === 0 ? '' : ` ${'x'.repeat(padding)}`}`;
  return xmlPost(
    'Event',
    `<UserInterface item="1"><Extensions item="1"><Panel item="1"><Clicked item="1"><PanelId item="1">${id}</PanelId></Clicked></Panel></Extensions></UserInterface>`,
    serial,
  );
}

/** The panels that webhooks told of, as the log has them; one that was told twice is there twice. */
export function clicksIn(databaseFile: string): string[] {
  const database = new Sqlite(databaseFile, { readonly: true });
  try {
    const rows = database
      .prepare("SELECT payload_json FROM event WHERE kind = 'event' AND source = 'webhook' ORDER BY seq")
      .all() as { payload_json: string }[];
    return rows.flatMap(({ payload_json }) => /"PanelId":"([\w-]+)/.exec(payload_json)?.[1] ?? []);
  } finally {
    database.close();
  }
}
