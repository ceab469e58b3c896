/** Shown in place of a secret value. */
export const hidden = '(hidden)';

/** Matches names of settings whose values are never written to the journal or displayed. */
export const secretName = /pass|secret|token|credential/i;
