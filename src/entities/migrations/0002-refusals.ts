import { Migration } from '@mikro-orm/migrations';

/**
 * Submissions that ended without an issue. There are no foreign keys: what was
 * refused may be about an organization or a user that is not there, and is kept
 * as it was sent. For the same reason `submission` is json and not jsonb, which
 * takes no escaped U+0000.
 */
export class Migration0002Refusals extends Migration {
  override up(): void {
    this.addSql(`
      create table refusals (
        id uuid not null primary key,
        user_id text not null,
        organization_id text not null,
        status text not null,
        code text not null,
        detail text not null,
        attempt int not null,
        submission json not null,
        accepted_at timestamptz(3) not null,
        refused_at timestamptz(3) not null default now(),
        applied_at timestamptz(3) null,
        constraint refusals_status_check check (status in ('rejected', 'failed'))
      )`);
    this.addSql('create index refusals_user_id_refused_at_idx on refusals (user_id, refused_at)');
    // Redriving asks for those in force, often of one code.
    this.addSql('create index refusals_code_idx on refusals (code) where applied_at is null');
  }

  override down(): void {
    this.addSql('drop table refusals');
  }
}
