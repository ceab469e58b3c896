import {unwatchFile, watchFile} from 'node:fs';

const everyMs = 2_000;

/**
 * Calls `onChange` after one of the files has changed, at the latest 2 s later; also when a link to it points elsewhere,
 * as in a mounted Kubernetes secret. Returns a function that ends it.
 */
export function watchFiles(names: readonly string[], onChange: () => void): () => void {
  const listener = (): void => onChange();
  for (const name of names) watchFile(name, {interval: everyMs, persistent: false}, listener);
  return () => {
    for (const name of names) unwatchFile(name, listener);
  };
}
