import type { Refused, RejectionCode } from '../submission.ts';
import { ApiError } from './api-error.ts';

const TITLES: ReadonlyMap<string, string> = new Map<RejectionCode, string>([
  ['organization_not_found', 'The organization does not exist'],
  ['organization_inactive', 'The organization is not active'],
  ['profile_suspended', 'The customer profile is suspended'],
]);

/** The end of a submission that its sender waited for, when that end is no issue. */
export class SubmissionRefusedError extends ApiError {
  override readonly code: string;
  override readonly status = 422;
  override readonly title: string;
  readonly submissionId: string;
  readonly location: string;

  constructor(submissionId: string, location: string, { code, detail }: Refused) {
    super(detail);
    this.code = code;
    this.title = TITLES.get(code) ?? 'The submission could not be applied';
    this.submissionId = submissionId;
    this.location = location;
  }

  override get headers() {
    return { location: this.location };
  }

  override get members() {
    return { submissionId: this.submissionId };
  }
}
