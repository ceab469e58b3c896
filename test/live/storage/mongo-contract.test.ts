import {afterAll, beforeAll} from 'vitest';
import {openStore} from '../../../src/storage/open-store.js';
import {ferretDbBuildMs, startFerretDb} from '../../support/ferretdb.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {type ContractStore, storeContract} from '../../support/store-contract.js';

let server: TestServer;

beforeAll(async () => {
  server = await startFerretDb();
}, ferretDbBuildMs);
afterAll(() => server?.[Symbol.asyncDispose]());

describeWith('go')('with a real FerretDB', () => {
  for (const encoding of ['protobuf', 'base64', 'json', 'msgpack'])
    storeContract(`the MongoDB store, ${encoding}`, () => startCollection(encoding, ''), 'never');
  // the server deletes nothing by age: the store itself returns no record past its time
  storeContract(
    'the MongoDB store with an expiry',
    () => startCollection('protobuf', '&expire-after=1h'),
    'each',
  );
});

async function startCollection(encoding: string, rest: string): Promise<ContractStore> {
  const name = `s-${encoding}-${rest.length}`;
  const url = `${server.url}/game?collection=${name}&encoding=${encoding}${rest}`;
  return {
    open: (ttl) => openStore(ttl === undefined ? url : `${url}&ttl=${ttl}`),
    expiresAnyway: rest !== '',
    async [Symbol.asyncDispose]() {},
  };
}
