import { Customer } from './customer.ts';
import { Issue } from './issue.ts';
import { Organization } from './organization.ts';
import { OutboxEntry } from './outbox-entry.ts';
import { PrimaryOrganizationChange } from './primary-organization-change.ts';
import { Refusal } from './refusal.ts';
import { User } from './user.ts';
import { UserProfile } from './user-profile.ts';
import { WebhookDelivery } from './webhook-delivery.ts';
import { WebhookEndpoint } from './webhook-endpoint.ts';

export {
  Customer,
  Issue,
  Organization,
  OutboxEntry,
  PrimaryOrganizationChange,
  Refusal,
  User,
  UserProfile,
  WebhookDelivery,
  WebhookEndpoint,
};

export const entities = [
  User,
  Organization,
  UserProfile,
  Customer,
  Issue,
  Refusal,
  PrimaryOrganizationChange,
  WebhookEndpoint,
  OutboxEntry,
  WebhookDelivery,
];
