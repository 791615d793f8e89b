export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process lives */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Submissions can be accepted */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/issues/raise": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Raise an issue with an organization */
        post: operations["raiseIssue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/issues/submissions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of a submission */
        get: operations["submissionStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/issues/submissions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What becomes of a submission, as it happens
         * @description Server-sent events: `status` with the present status, then one for each change, until the end. `data` is what the submission’s own address answers, `id` the status. When the connection breaks, or the stream ends without a last status because a server stops, ask again with the last `id` as `Last-Event-ID`: you are told only what is new, or 204 if that was the end. Lines that begin with a colon only keep the connection alive.
         */
        get: operations["submissionEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/issues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your issues, newest first */
        get: operations["myIssues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/client/organizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Active organizations, by name */
        get: operations["organizations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: never;
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready";
                        /** @enum {string} */
                        queue: "up";
                        /** @enum {unknown} */
                        database: "up" | "down";
                        /** @description What a submission survives from the moment at which it is answered with 202 */
                        accepted?: {
                            /**
                             * @description `nothing`: it lives as long as the queue store’s process; `process`: it survives a crash of any process; `machine`: also of the queue store’s machine; `node`: also the loss of that machine with its disks; `unknown`: the queue store does not say
                             * @enum {unknown}
                             */
                            survives: "nothing" | "unknown" | "process" | "machine" | "node";
                            /** @example a crash of the machine can lose the last second */
                            detail: string;
                        };
                    };
                };
            };
            /** @description Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
    raiseIssue: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your name for this issue: the same key and body raise it once */
                "idempotency-key"?: string;
                /**
                 * @description `wait=N`: wait up to N seconds, at most 30, for the issue
                 * @example wait=10
                 */
                prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    organizationId: string;
                    /** @description Measured without spaces around it */
                    title: string;
                    /** @default  */
                    description?: string;
                    /**
                     * @default normal
                     * @enum {unknown}
                     */
                    priority?: "low" | "normal" | "high" | "urgent";
                    category?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        submissionId: string;
                        /** @enum {string} */
                        status: "completed";
                        issue: {
                            /** Format: uuid */
                            id: string;
                            /** @description The reference for people; rises in the order of application */
                            number: number;
                            /** Format: uuid */
                            organizationId: string;
                            title: string;
                            description: string;
                            /** @enum {unknown} */
                            priority: "low" | "normal" | "high" | "urgent";
                            category?: string;
                            /** @enum {string} */
                            status: "open";
                            /** Format: date-time */
                            acceptedAt: string;
                            /** Format: date-time */
                            createdAt: string;
                        };
                    };
                };
            };
            /** @description Default Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        submissionId: string;
                        /** @enum {string} */
                        status: "queued";
                    };
                };
            };
            /** @description The request cannot be read, or a field is not as it should be */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description The access token is missing or not accepted; `code` says why */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description The body is larger than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description The request is understood and refused; `code` says why */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description You ask too fast, have too many of these at once, or too many requests from your address had no good token; `code` says which. Try again after `Retry-After` seconds */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
    submissionStatus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        submissionId: string;
                        /** @enum {unknown} */
                        status: "queued" | "processing" | "completed" | "rejected" | "failed";
                        issue?: {
                            /** Format: uuid */
                            id: string;
                            /** @description The reference for people; rises in the order of application */
                            number: number;
                            /** Format: uuid */
                            organizationId: string;
                            title: string;
                            description: string;
                            /** @enum {unknown} */
                            priority: "low" | "normal" | "high" | "urgent";
                            category?: string;
                            /** @enum {string} */
                            status: "open";
                            /** Format: date-time */
                            acceptedAt: string;
                            /** Format: date-time */
                            createdAt: string;
                        };
                        error?: {
                            code: string;
                            detail: string;
                        };
                    };
                };
            };
            /** @description The access token is missing or not accepted; `code` says why */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description There is no such thing, or it is somebody else’s */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description You ask too fast, have too many of these at once, or too many requests from your address had no good token; `code` says which. Try again after `Retry-After` seconds */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
    submissionEvents: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `id` of the last event that you have seen
                 * @example queued
                 */
                "last-event-id"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description There is nothing after `Last-Event-ID`: do not ask again */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The access token is missing or not accepted; `code` says why */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description There is no such thing, or it is somebody else’s */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description You ask too fast, have too many of these at once, or too many requests from your address had no good token; `code` says which. Try again after `Retry-After` seconds */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
    myIssues: {
        parameters: {
            query?: {
                /** @description nextCursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        issues: {
                            /** Format: uuid */
                            id: string;
                            /** @description The reference for people; rises in the order of application */
                            number: number;
                            /** Format: uuid */
                            organizationId: string;
                            title: string;
                            description: string;
                            /** @enum {unknown} */
                            priority: "low" | "normal" | "high" | "urgent";
                            category?: string;
                            /** @enum {string} */
                            status: "open";
                            /** Format: date-time */
                            acceptedAt: string;
                            /** Format: date-time */
                            createdAt: string;
                        }[];
                        /** @description Absent on the last page */
                        nextCursor?: string;
                    };
                };
            };
            /** @description The request cannot be read, or a field is not as it should be */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description The access token is missing or not accepted; `code` says why */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description You ask too fast, have too many of these at once, or too many requests from your address had no good token; `code` says which. Try again after `Retry-After` seconds */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
    organizations: {
        parameters: {
            query?: {
                /** @description nextCursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        organizations: {
                            /** Format: uuid */
                            id: string;
                            name: string;
                        }[];
                        /** @description Absent on the last page */
                        nextCursor?: string;
                    };
                };
            };
            /** @description The request cannot be read, or a field is not as it should be */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description The access token is missing or not accepted; `code` says why */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description You ask too fast, have too many of these at once, or too many requests from your address had no good token; `code` says which. Try again after `Retry-After` seconds */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Queue or database cannot be reached, or too much waits already (`backlog_full`); try again after `Retry-After` seconds */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        /** @example urn:issue-intake:problem:validation_failed */
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description Stable, for programs */
                        code: string;
                        /** @description One entry for each bad field, with a JSON pointer to it */
                        errors?: {
                            pointer: string;
                            detail: string;
                        }[];
                    };
                };
            };
        };
    };
}
