import type {MongoClient} from 'mongodb';
import type {Durability} from '../../session/gate-api.js';

/** Returns what is lost in a power failure, depending on the kind of server and the write concern. */
export async function mongoDurability(client: MongoClient): Promise<Durability> {
  const {setName, msg} = await client.db('admin').command({hello: 1});
  const {w, journal} = client.options.writeConcern ?? {};
  return {onDisk: true, powerLoss: `a power loss costs ${costOf({setName, msg, w, journal})}`};
}

interface Setting {
  readonly setName?: string | undefined;
  /** `isdbgrid` for a router of a sharded cluster. */
  readonly msg?: string | undefined;
  readonly w?: unknown;
  readonly journal?: boolean | undefined;
}

function costOf({setName, msg, w, journal}: Setting): string {
  if (setName === undefined && msg !== 'isdbgrid')
    return journal === true
      ? 'nothing that was acknowledged (journal=true)'
      : 'what the journal has not flushed, up to 0.1 s on MongoDB (standalone, journal=false)';
  const where = setName === undefined ? 'shards' : `replica set "${setName}"`;
  if (w === undefined || w === 'majority')
    return `nothing that was acknowledged, while a majority of the members survives (${where})`;
  return `what had not reached the other members at a failover (${where}, w=${String(w)})`;
}
