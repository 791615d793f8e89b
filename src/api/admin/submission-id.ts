import { Type } from 'typebox';

/** The parameter of an address. */
export const SubmissionId = Type.Object({ id: Type.String({ format: 'uuid' }) });
