import { Migration } from '@mikro-orm/migrations';

/**
 * The domain's five tables. Columns have defaults where a writer outside this
 * system (an import, an administrator) would otherwise have to know our habits.
 */
export class Migration0001Domain extends Migration {
  override up(): void {
    this.addSql(`
      create table users (
        id text not null primary key,
        email text null,
        created_at timestamptz(3) not null default now(),
        constraint users_id_length check (char_length(id) between 1 and 128)
      )`);
    this.addSql(`
      create table organizations (
        id uuid not null primary key default gen_random_uuid(),
        name text not null,
        active boolean not null default true
      )`);
    this.addSql(`
      create table user_profiles (
        id uuid not null primary key default gen_random_uuid(),
        user_id text not null constraint user_profiles_user_id_fkey references users (id),
        profile_type text not null,
        organization_id uuid not null
          constraint user_profiles_organization_id_fkey references organizations (id),
        status text not null default 'active',
        constraint user_profiles_user_id_profile_type_key unique (user_id, profile_type),
        constraint user_profiles_profile_type_check check (profile_type in ('vendor', 'employee', 'customer')),
        constraint user_profiles_status_check check (status in ('active', 'suspended'))
      )`);
    this.addSql(`
      create table customers (
        id uuid not null primary key default gen_random_uuid(),
        user_id text not null constraint customers_user_id_fkey references users (id),
        organization_id uuid not null
          constraint customers_organization_id_fkey references organizations (id),
        user_profile_id uuid not null
          constraint customers_user_profile_id_fkey references user_profiles (id),
        constraint customers_user_id_organization_id_key unique (user_id, organization_id)
      )`);
    this.addSql(`
      create table issues (
        id uuid not null primary key,
        number bigint not null generated always as identity,
        customer_id uuid not null constraint issues_customer_id_fkey references customers (id),
        organization_id uuid not null
          constraint issues_organization_id_fkey references organizations (id),
        title text not null,
        description text not null default '',
        priority text not null default 'normal',
        category text null,
        status text not null default 'open',
        accepted_at timestamptz(3) not null default now(),
        created_at timestamptz(3) not null default now(),
        constraint issues_number_key unique (number),
        constraint issues_title_length check (char_length(title) between 1 and 200),
        constraint issues_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
        constraint issues_status_check check (status in ('open'))
      )`);
    // "My issues, newest first" walks this index backwards, once per customer of the user.
    this.addSql('create index issues_customer_id_number_idx on issues (customer_id, number)');
  }

  override down(): void {
    this.addSql('drop table issues, customers, user_profiles, organizations, users');
  }
}
