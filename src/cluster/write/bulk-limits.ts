/**
 * Writes per second and gate, which gates and reconnecting clients can handle, and the errors that stop a
 * bulk write.
 */
export const defaultPace = {rate: 100, maxErrors: 20} as const;

/** A write to more sessions than this requires a typed phrase or `--expect` instead of a y/N. */
export const typedConfirmationAbove = 10;
