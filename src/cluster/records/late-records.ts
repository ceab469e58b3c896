import type {Records} from './records.js';

/** Records of a store that is opened when they are first needed. */
export function lateRecords(open: () => Promise<Records>): Records {
  return {
    list: async (query) => await (await open()).list(query),
    get: async (uid) => await (await open()).get(uid),
    put: async (uid, value, put) => await (await open()).put(uid, value, put),
    delete: async (uid, revision) => await (await open()).delete(uid, revision),
  };
}
