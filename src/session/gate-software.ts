/** Reports whether a gate's `dirty` count is meaningful: mqant writes once and doesn't report failures, so its 0 says nothing. */
export const countsUnsaved = (software: string): boolean => software !== 'mqant';
