import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  remove(): Promise<void>;
}

/** A folder of its own for one test: `await using folder = await temporaryFolder()` removes it again. */
export async function temporaryFolder(prefix = 'gatectl-test-'): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  const remove = () => rm(folder, {recursive: true, force: true, maxRetries: 3});
  return {path: folder, remove, [Symbol.asyncDispose]: remove};
}
