import {unwatchFile, watchFile} from 'node:fs';

const everyMs = 2_000;

/**
 * Calls `onChange` within 2 s of a change to one of the files, including a link that points elsewhere, as in
 * a mounted Kubernetes secret. Returns a function that stops it.
 */
export function watchFiles(names: readonly string[], onChange: () => void): () => void {
  const listener = (): void => onChange();
  for (const name of names) watchFile(name, {interval: everyMs, persistent: false}, listener);
  return () => {
    for (const name of names) unwatchFile(name, listener);
  };
}
