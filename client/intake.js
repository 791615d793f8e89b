import { follow, isFinal } from './follow.js';
import { newKey } from './new-key.js';
import { API, pathOf, query } from './paths.js';
import { Requests } from './requests.js';

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
export class IssueIntake {
  #requests;

  /** @param {ConnectOptions} options */
  constructor(options) {
    this.#requests = new Requests(options);
  }

  /**
   * Raises an issue. It is accepted when this resolves, and applied later. It is sent again, with the same
   * Idempotency-Key, after a lost connection, a time-out, 429 and 503, so it becomes one issue.
   *
   * @param {NewIssue} issue
   * @param {RaiseOptions} [options] without a key one is made
   * @returns {Promise<Raised>}
   * @throws RequestInvalidError, RefusedError, TokenError, DeadlineError
   */
  async raise(issue, { idempotencyKey = newKey(), ...options } = {}) {
    const sent = { headers: { 'idempotency-key': idempotencyKey }, json: JSON.stringify(issue) };
    const { body, headers } = await this.#requests.send(`${API}/issues/raise`, sent, options);
    const replayed = headers.get('idempotency-replayed') === 'true';
    return { submissionId: body.submissionId, idempotencyKey, replayed };
  }

  /**
   * Waits for what becomes of a submission: an issue, or a refusal with a code. Through restarts of the
   * service and lost connections; after a DeadlineError it can be called again.
   *
   * @param {string} submissionId
   * @param {FollowOptions} [options]
   * @returns {Promise<Outcome>}
   * @throws NotFoundError, TokenError, DeadlineError
   */
  async outcome(submissionId, options = {}) {
    for await (const status of this.follow(submissionId, options)) {
      if (isOutcome(status)) return status;
    }
    throw new Error('the service told no outcome');
  }

  /**
   * The same, with each status on the way.
   *
   * @param {string} submissionId
   * @param {FollowOptions} [options]
   * @returns {AsyncGenerator<Status, void>} ends after the outcome
   */
  follow(submissionId, options = {}) {
    return follow(this.#requests, pathOf(submissionId), options);
  }

  /**
   * What is known of a submission now.
   *
   * @param {string} submissionId
   * @param {CallOptions} [options]
   * @returns {Promise<Status>}
   * @throws NotFoundError, TokenError, DeadlineError
   */
  async status(submissionId, options = {}) {
    return (await this.#requests.send(pathOf(submissionId), {}, options)).body;
  }

  /**
   * The user's issues, newest first, loaded page by page as they are asked for.
   *
   * @param {CallOptions & Omit<PageOptions, 'cursor'>} [options] `deadlineMs` is for each page
   * @returns {AsyncGenerator<Issue, void>}
   */
  async *myIssues(options = {}) {
    /** @type {string | undefined} */
    let cursor;
    do {
      const page = await this.myIssuesPage({ ...options, cursor });
      yield* page.issues;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  /**
   * @param {CallOptions & PageOptions} [options]
   * @returns {Promise<IssuesPage>}
   */
  async myIssuesPage({ cursor, limit, ...options } = {}) {
    return (await this.#requests.send(`${API}/issues${query({ cursor, limit })}`, {}, options)).body;
  }

  /**
   * Those with whom issues can be raised, by name.
   *
   * @param {CallOptions & Omit<PageOptions, 'cursor'>} [options] `deadlineMs` is for each page
   * @returns {AsyncGenerator<Organization, void>}
   */
  async *organizations(options = {}) {
    /** @type {string | undefined} */
    let cursor;
    do {
      const page = await this.organizationsPage({ ...options, cursor });
      yield* page.organizations;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  /**
   * @param {CallOptions & PageOptions} [options]
   * @returns {Promise<OrganizationsPage>}
   */
  async organizationsPage({ cursor, limit, ...options } = {}) {
    return (await this.#requests.send(`${API}/organizations${query({ cursor, limit })}`, {}, options)).body;
  }
}

/**
 * @param {Status} status
 * @returns {status is Outcome}
 */
function isOutcome(status) {
  return isFinal(status.status);
}
