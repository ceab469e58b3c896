/** Shown in place of a secret value. */
export const hiddenSecretText = '(hidden)';

/** Matches names of settings whose values are never written to the journal or displayed. */
export const secretNamePattern = /pass|secret|token|credential/i;
