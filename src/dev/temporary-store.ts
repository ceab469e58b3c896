import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** Creates a temporary folder of records for the cluster's lifetime. */
export async function temporaryStore(): Promise<{readonly url: string; remove(): Promise<void>}> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gatectl-records-'));
  return {url: `file:${folder}`, remove: () => rm(folder, {recursive: true, force: true})};
}
