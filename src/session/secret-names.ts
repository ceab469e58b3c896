/** Replaces a secret value in output. */
export const hidden = '(hidden)';

/** Matches names of settings whose values are never journaled or displayed. */
export const secretName = /pass|secret|token|credential/i;
