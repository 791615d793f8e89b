import { Migration } from '@mikro-orm/migrations';

/**
 * Every change of a profile's primary organization. There are no foreign keys: a
 * trail outlives what it tells of, and each key would be looked up for each row.
 * The audit checks what they would hold.
 *
 * The unit of work writes its own rows, those in the middle of a batch, too, and
 * says so. Whoever else moves a profile leaves a row by the trigger: an
 * administrator, or a worker of the version before.
 */
export class Migration0004PrimaryOrganizationChanges extends Migration {
  override up(): void {
    this.addSql(`
      create table primary_organization_changes (
        id bigint not null primary key generated always as identity,
        user_id text not null,
        user_profile_id uuid not null,
        from_organization_id uuid not null,
        to_organization_id uuid not null,
        issue_id uuid null,
        changed_at timestamptz(3) not null default now(),
        constraint primary_organization_changes_issue_id_key unique (issue_id)
      )`);
    this.addSql(
      'create index primary_organization_changes_user_id_id_idx on primary_organization_changes (user_id, id)',
    );
    this.addSql(`
      create function user_profiles_note_move_fn() returns trigger as $$ begin
        insert into primary_organization_changes
          (user_id, user_profile_id, from_organization_id, to_organization_id)
        values (new.user_id, new.id, old.organization_id, new.organization_id);
        return null;
      end; $$ language plpgsql`);
    this.addSql(`
      create trigger note_move after update on user_profiles for each row
        when (old.organization_id <> new.organization_id
              and current_setting('issue_intake.moved_by', true) is distinct from 'issue')
        execute function user_profiles_note_move_fn()`);
  }

  override down(): void {
    this.addSql('drop trigger note_move on user_profiles');
    this.addSql('drop function user_profiles_note_move_fn');
    this.addSql('drop table primary_organization_changes');
  }
}
