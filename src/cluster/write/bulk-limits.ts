/**
 * Default pace of a bulk write: writes per second per gate, and the number of errors after which it stops. Gates can
 * keep up with this rate, also when kicked clients reconnect.
 */
export const defaultBulkPace = {rate: 100, maxErrors: 20} as const;

/** A write to more targets than this requires a typed phrase or `--expect`, instead of y/N. */
export const maxTargetsWithoutTypedConfirmation = 10;
