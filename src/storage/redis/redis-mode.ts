import type {Redis} from 'ioredis';
import {UsageError} from '../../base/errors.js';

type Asked = Pick<Redis, 'call' | 'info'>;

/**
 * Throws UsageError for a Redis Cluster node, which holds only a part of the records, and for a Sentinel, which holds
 * none. Either would look like a complete store.
 */
export async function refuseUnsupportedMode(client: Asked, shown: string): Promise<void> {
  const mode = (await modeByHello(client)) ?? (await modeByInfo(client));
  if (mode === 'cluster') throw clusterRefusal(shown);
  if (mode === 'sentinel') throw sentinelRefusal(shown);
}

const clusterErrors =
  /^(?:MOVED|ASK) \d+ |^(?:CLUSTERDOWN|CROSSSLOT|TRYAGAIN)\b|SELECT is not allowed in cluster mode/;

/** Converts an error reply to a refusal: only a cluster redirects or lacks slots. */
export function refusalIn(message: string, shown: string): UsageError | undefined {
  const isCluster = clusterErrors.test(message);
  return isCluster ? clusterRefusal(shown) : undefined;
}

/** HELLO needs no permission; servers before Redis 6 lack it. */
async function modeByHello(client: Asked): Promise<string | undefined> {
  const answer: unknown = await client.call('HELLO').catch(() => undefined);
  if (!Array.isArray(answer)) return undefined;
  const at = answer.findIndex((item, index) => index % 2 === 0 && String(item) === 'mode');
  return at < 0 ? undefined : String(answer[at + 1]);
}

/** Undefined when INFO is not permitted. */
async function modeByInfo(client: Asked): Promise<string | undefined> {
  const info = await client.info().catch(() => '');
  if (/^cluster_enabled:1\b/m.test(info)) return 'cluster';
  return /^redis_mode:(\w+)/m.exec(info)?.[1];
}

const clusterRefusal = (shown: string): UsageError =>
  new UsageError(
    `Redis at ${shown} is a node of a Redis Cluster, which is not supported: it holds a part of the records`,
    {
      hint: 'read the records through the gates: gatectl records list; or give the URL of a standalone Redis',
    },
  );

function sentinelRefusal(shown: string): UsageError {
  const {hostname, port} = new URL(shown);
  const text = `Redis at ${shown} is a Sentinel, which is not supported: it holds no records`;
  return new UsageError(text, {
    hint: `give the URL of the master: redis-cli -h ${hostname} -p ${port || 6379} sentinel masters`,
  });
}
