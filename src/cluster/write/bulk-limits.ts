/**
 * Default pace of a bulk write: writes per second per gate, and the number of errors that stops it. Gates, and
 * clients that reconnect after a kick, can keep up with this rate.
 */
export const defaultPace = {rate: 100, maxErrors: 20} as const;

/** A write to more sessions than this requires a typed phrase or `--expect` instead of a y/N. */
export const typedConfirmationAbove = 10;
