import { ProblemError } from './errors.js';
/**
 * @param {import('./errors.js').Problem} problem
 * @param {import('./errors.js').Answered} answered
 * @returns {ProblemError} of the class of its family
 */
export declare function problemError(problem: import('./errors.js').Problem, answered: import('./errors.js').Answered): ProblemError;
