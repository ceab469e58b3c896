const maxDateMs = 8.64e15;

/** Whether Unix milliseconds are set and within the range of a Date. */
export const isKnownTime = (unixMs: number): boolean => unixMs > 0 && unixMs <= maxDateMs;
