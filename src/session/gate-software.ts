/** Whether `dirty` counts what a gate has not stored: mqant writes once and tells nobody when that fails, so its 0 means nothing. */
export const countsUnsaved = (software: string): boolean => software !== 'mqant';
