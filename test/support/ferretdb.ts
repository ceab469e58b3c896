import {readFile} from 'node:fs/promises';
import {MongoClient} from 'mongodb';
import type {Authority} from './authority.js';
import {goProgram} from './go-program.js';
import {findProgram, startServer, type TestServer} from './servers.js';

export interface FerretDbOptions {
  /** Over TLS only, with the authority's certificate of the server; clients need theirs. */
  readonly authority?: Authority;
}

/** Time limit of a hook that calls `startFerretDb` first: without Go's caches the compilation takes minutes. */
export const ferretDbBuildMs = 900_000;

/** FerretDB on SQLite, which speaks MongoDB's protocol; `url` is `mongodb://127.0.0.1:<port>`. */
export async function startFerretDb({authority}: FerretDbOptions = {}): Promise<TestServer> {
  const program =
    findProgram('ferretdb') ??
    (await goProgram({folder: 'test/interop/ferretdb', tag: 'ferretdb_no_postgresql'}));
  return await startServer({
    name: 'ferretdb',
    logFile: 'log',
    url: (port) => `mongodb://127.0.0.1:${port}`,
    command(folder, port) {
      const files = ['-folder', folder, '-log', `${folder}/log`];
      const {cert, key} = authority?.server ?? {};
      const secure = authority && cert && key ? ['-cert', cert, '-key', key, '-ca', authority.ca] : [];
      return [program, '-listen', `127.0.0.1:${port}`, ...files, ...secure];
    },
    async serves(_folder, port) {
      const files = authority && (await clientFiles(authority));
      const client = new MongoClient(`mongodb://127.0.0.1:${port}`, {
        serverSelectionTimeoutMS: 1000,
        ...(files && {tls: true, ...files}),
      });
      try {
        await client.db('admin').command({ping: 1});
        return true;
      } finally {
        await client.close();
      }
    },
  });
}

async function clientFiles({ca, client}: Authority) {
  const [authority, cert, key] = await Promise.all(
    [ca, client.cert, client.key].map((file) => readFile(file)),
  );
  return {ca: authority, cert, key};
}
