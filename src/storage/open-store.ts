import {UsageError} from '../errors.js';
import type {RecordStore} from './storage-handler.js';

/** Opens a store by its URL: `memory:` or `file:/path/to/folder`. Rejects with UsageError. */
export async function openStore(url: string): Promise<RecordStore> {
  const scheme = /^([a-z]+):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'memory': {
      const {MemoryStore} = await import('./memory-store.js');
      return new MemoryStore();
    }
    case 'file': {
      const {FileStore} = await import('./file-store.js');
      return FileStore.open(folderOf(url));
    }
    default:
      throw new UsageError(`"${url}" is no store`, {hint: 'memory: or file:/path/to/folder'});
  }
}

/** `file:///var/x`, `file:/var/x` and `file:x` all name a folder. */
function folderOf(url: string): string {
  const rest = url.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
  if (rest === '' || rest.startsWith('//'))
    throw new UsageError(`"${url}" names no folder`, {hint: 'like file:/var/lib/gatectl/sessions'});
  return rest;
}
