const maxDateMs = 8.64e15;

/** Whether a Unix time in milliseconds is set and in the range of Date. */
export const isKnownTime = (unixMs: number): boolean => unixMs > 0 && unixMs <= maxDateMs;
