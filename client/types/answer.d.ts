/** Answers of the API, told from those of whatever stands in front of it. */
/**
 * @param {Response} response
 * @returns {Promise<any>} the body of a 2xx
 * @throws ProblemError of its family, ForeignAnswerError
 */
export declare function bodyOf(response: Response): Promise<any>;
/**
 * @param {Response} response
 * @returns {Promise<import('./errors.js').IntakeError>} of one that is not what was asked for
 */
export declare function refusalOf(response: Response): Promise<import('./errors.js').IntakeError>;
/**
 * @param {unknown} error of a connection, or why it was given up
 * @returns {never}
 * @throws IntakeError
 */
export declare function lost(error: unknown): never;
