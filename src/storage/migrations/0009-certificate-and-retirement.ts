import type { Migration } from '../migration.ts';

export const certificateAndRetirement: Migration = {
  version: 9,
  name: 'certificate-and-retirement',
  *statements(query) {
    yield query.schema.alterTable('device').addColumn('certificate_json', 'text');
    yield query.schema.alterTable('device').addColumn('retired_at', 'integer');
    yield query.schema.alterTable('device').addColumn('retired_by', 'text');
  },
};
