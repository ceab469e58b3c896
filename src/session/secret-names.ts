/** Stands for a value that is nobody's business. */
export const hidden = '(hidden)';

/** Names of settings whose values are never kept or shown beside what was done with them. */
export const secretName = /pass|secret|token|credential/i;
