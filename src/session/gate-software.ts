/** Reports whether a gate's `dirty` count is meaningful: mqant writes once and doesn't report failures, so its 0 says nothing. */
export const countsUnsaved = (software: string): boolean => software !== 'mqant';

/** Reports whether a gate tells when its clients were last active; mqant doesn't know it. */
export const reportsActivity = (software: string): boolean => software !== 'mqant';
