import { Migration } from '@mikro-orm/migrations';

/**
 * Telling organizations what became of their submissions: who is told, what is
 * to be told (one entry for each unit of work), and what is still to be
 * delivered. What is delivered leaves the last two, so they stay small.
 */
export class Migration0005Webhooks extends Migration {
  override up(): void {
    this.addSql(`
      create table webhook_endpoints (
        id uuid not null primary key default gen_random_uuid(),
        organization_id uuid not null
          constraint webhook_endpoints_organization_id_fkey references organizations (id),
        url text not null,
        ordered boolean not null default false,
        active boolean not null default true,
        secret text not null,
        previous_secret text null,
        previous_secret_until timestamptz(3) null,
        created_at timestamptz(3) not null default now()
      )`);
    // Each unit of work asks who is told.
    this.addSql(
      'create index webhook_endpoints_organization_id_idx on webhook_endpoints (organization_id) where active',
    );
    // A full entry has 7 kB. To compress it, or to cut it into pieces, would cost more than the page it takes.
    this.addSql(`
      create table outbox (
        id bigint not null primary key generated always as identity,
        follows bigint not null,
        outcomes jsonb not null,
        endpoints uuid[] not null,
        decided_at timestamptz(3) not null default now()
      ) with (toast_tuple_target = 8160)`);
    this.addSql(`
      create table webhook_deliveries (
        endpoint_id uuid not null
          constraint webhook_deliveries_endpoint_id_fkey references webhook_endpoints (id) on delete cascade,
        position bigint not null,
        entry bigint not null,
        place int not null,
        id uuid not null default gen_random_uuid(),
        submission_id uuid not null,
        status text not null,
        code text null,
        detail text null,
        user_id text not null,
        decided_at timestamptz(3) not null,
        tries int not null default 0,
        due_at timestamptz(3) not null default now(),
        failure text null,
        failed_at timestamptz(3) null,
        primary key (endpoint_id, position, entry, place),
        constraint webhook_deliveries_status_check check (status in ('applied', 'rejected', 'failed'))
      )`);
    this.addSql(
      'create index webhook_deliveries_endpoint_id_due_at_idx on webhook_deliveries (endpoint_id, due_at) where failed_at is null',
    );
    // What was given up comes first in the order, and stays: what comes next is not to be looked for behind all of it.
    const order = '(endpoint_id, position, entry, place)';
    this.addSql(
      `create index webhook_deliveries_next_idx on webhook_deliveries ${order} where failed_at is null`,
    );
    this.addSql(
      `create index webhook_deliveries_given_up_idx on webhook_deliveries ${order} where failed_at is not null`,
    );
    // For removing what was given up long ago.
    this.addSql(
      'create index webhook_deliveries_failed_at_idx on webhook_deliveries (failed_at) where failed_at is not null',
    );
  }

  override down(): void {
    this.addSql('drop table webhook_deliveries, outbox, webhook_endpoints');
  }
}
