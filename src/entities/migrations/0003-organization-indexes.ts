import { Migration } from '@mikro-orm/migrations';

/**
 * For the administrator's search by organization, which would otherwise read all
 * issues. The price is one more entry for each issue that is written; see
 * docs/database.md. Building it on a table that is full keeps writers waiting.
 */
export class Migration0003OrganizationIndexes extends Migration {
  override up(): void {
    this.addSql('create index issues_organization_id_number_idx on issues (organization_id, number)');
    this.addSql(
      'create index refusals_organization_id_refused_at_idx on refusals (organization_id, refused_at)',
    );
  }

  override down(): void {
    this.addSql('drop index issues_organization_id_number_idx, refusals_organization_id_refused_at_idx');
  }
}
