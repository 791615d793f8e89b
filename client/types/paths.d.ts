/** Where the API has what. */
export declare const API = "api/client";
/**
 * @param {string} submissionId
 * @returns {string}
 */
export declare function pathOf(submissionId: string): string;
/**
 * @param {Record<string, string | number | undefined>} parameters
 * @returns {string} with those that are given
 */
export declare function query(parameters: Record<string, string | number | undefined>): string;
