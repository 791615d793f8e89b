import { Customer } from './customer.ts';
import { Issue } from './issue.ts';
import { Organization } from './organization.ts';
import { Refusal } from './refusal.ts';
import { User } from './user.ts';
import { UserProfile } from './user-profile.ts';

export { Customer, Issue, Organization, Refusal, User, UserProfile };

export const entities = [User, Organization, UserProfile, Customer, Issue, Refusal];
