/** Like crypto.randomUUID, which a page that came over plain HTTP does not have. @returns {string} */
export declare function newKey(): string;
