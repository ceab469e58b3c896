import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** A folder of records that goes with the cluster. */
export async function temporaryStore(): Promise<{readonly url: string; remove(): Promise<void>}> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gatectl-records-'));
  return {url: `file:${folder}`, remove: () => rm(folder, {recursive: true, force: true})};
}
