// Lists the sessions of a cluster whenever it is told to, for who measures what a listing does to a gate, and not what the start
// of a program does to its machine: node lister.mjs <nats url> <registry url> <how ids of sessions that stay begin>
// `list` answers {ms}; `check` answers [{rows, distinct, staying}], the listings since the last check.
import {createInterface} from 'node:readline';
import {openCluster} from '../../src/cluster/gates/open-cluster.js';

const [server = '', registry = '', stays = ''] = process.argv.slice(2);
const cluster = await openCluster({server, registry, gateType: 'Gate', timeoutMs: 5000, reconnect: true});
let listings: string[][] = [];

async function list(): Promise<{readonly ms: number}> {
  const started = performance.now();
  const listing = await cluster.list();
  const ids: string[] = [];
  for await (const {session} of listing.rows) ids.push(session.sessionId);
  const failed = listing.outcomes().find(({status}) => status === 'failed');
  if (failed !== undefined) throw new Error(`${failed.node}: ${failed.message}`);
  listings.push(ids);
  return {ms: performance.now() - started};
}

function check(): readonly unknown[] {
  const checked = listings.map((ids) => ({
    rows: ids.length,
    distinct: new Set(ids).size,
    staying: ids.filter((id) => id.startsWith(stays)).length,
  }));
  listings = [];
  return checked;
}

console.log('{}');
for await (const line of createInterface({input: process.stdin}))
  console.log(JSON.stringify(line === 'list' ? await list() : check()));
process.exit(0);
