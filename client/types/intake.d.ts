import type { CallOptions, ConnectOptions, FollowOptions, Issue, IssuesPage, NewIssue } from './index.js';
import type { Organization, OrganizationsPage, Outcome, PageOptions, Raised, RaiseOptions, Status } from './index.js';
/**
 * @import { CallOptions, ConnectOptions, FollowOptions, Issue, IssuesPage, NewIssue } from './index.js'
 * @import { Organization, OrganizationsPage, Outcome, PageOptions, Raised, RaiseOptions, Status } from './index.js'
 */
/**
 * The service, as one user sees it.
 *
 * @example
 * const intake = new IssueIntake({ url: 'https://issues.example.org', token });
 * const { submissionId } = await intake.raise({ organizationId, title: 'The tap drips' });
 * const { issue, error } = await intake.outcome(submissionId);
 */
export declare class IssueIntake {
    #private;
    /** @param {ConnectOptions} options */
    constructor(options: ConnectOptions);
    /**
     * Raises an issue. It is accepted when this resolves, and applied later. It is sent again, with the same
     * Idempotency-Key, after a lost connection, a time-out, 429 and 503, so it becomes one issue.
     *
     * @param {NewIssue} issue
     * @param {RaiseOptions} [options] without a key one is made
     * @returns {Promise<Raised>}
     * @throws RequestInvalidError, RefusedError, TokenError, DeadlineError
     */
    raise(issue: NewIssue, { idempotencyKey, ...options }?: RaiseOptions): Promise<Raised>;
    /**
     * Waits for what becomes of a submission: an issue, or a refusal with a code. Through restarts of the
     * service and lost connections; after a DeadlineError it can be called again.
     *
     * @param {string} submissionId
     * @param {FollowOptions} [options]
     * @returns {Promise<Outcome>}
     * @throws NotFoundError, TokenError, DeadlineError
     */
    outcome(submissionId: string, options?: FollowOptions): Promise<Outcome>;
    /**
     * The same, with each status on the way.
     *
     * @param {string} submissionId
     * @param {FollowOptions} [options]
     * @returns {AsyncGenerator<Status, void>} ends after the outcome
     */
    follow(submissionId: string, options?: FollowOptions): AsyncGenerator<Status, void>;
    /**
     * What is known of a submission now.
     *
     * @param {string} submissionId
     * @param {CallOptions} [options]
     * @returns {Promise<Status>}
     * @throws NotFoundError, TokenError, DeadlineError
     */
    status(submissionId: string, options?: CallOptions): Promise<Status>;
    /**
     * The user's issues, newest first, loaded page by page as they are asked for.
     *
     * @param {CallOptions & Omit<PageOptions, 'cursor'>} [options] `deadlineMs` is for each page
     * @returns {AsyncGenerator<Issue, void>}
     */
    myIssues(options?: CallOptions & Omit<PageOptions, 'cursor'>): AsyncGenerator<Issue, void>;
    /**
     * @param {CallOptions & PageOptions} [options]
     * @returns {Promise<IssuesPage>}
     */
    myIssuesPage({ cursor, limit, ...options }?: CallOptions & PageOptions): Promise<IssuesPage>;
    /**
     * Those with whom issues can be raised, by name.
     *
     * @param {CallOptions & Omit<PageOptions, 'cursor'>} [options] `deadlineMs` is for each page
     * @returns {AsyncGenerator<Organization, void>}
     */
    organizations(options?: CallOptions & Omit<PageOptions, 'cursor'>): AsyncGenerator<Organization, void>;
    /**
     * @param {CallOptions & PageOptions} [options]
     * @returns {Promise<OrganizationsPage>}
     */
    organizationsPage({ cursor, limit, ...options }?: CallOptions & PageOptions): Promise<OrganizationsPage>;
}
