import type {ChainableCommander, Cluster, Redis} from 'ioredis';
import {UnreachableError} from '../../base/errors.js';
import {parseSlotRanges, type SlotRange, SlotSet} from './cluster-slots.js';
import type {RecordLayout, RecordPlace} from './record-layout.js';
import type {RedisConnection} from './redis-connection.js';
import {maxRedisValueBytes, type RedisReadResult} from './redis-page-reader.js';
import {
  type ClusterPosition,
  formatClusterPosition,
  formatServerPosition,
  initialServerPosition,
  parseClusterPosition,
  parseServerPosition,
  type ServerPosition,
} from './scan-position.js';

/** Keys that were found on one server. */
export interface ScannedKeys {
  readonly node: Redis;
  readonly places: readonly RecordPlace[];
  /** The values, if the scan returned them. */
  readonly held?: readonly RedisReadResult[] | undefined;
  /** Empty after the last page. */
  readonly next: string;
}

/** Limits for COUNT, the number of keys per SCAN, so that one takes Redis well under a millisecond. */
const [minCount, maxCount] = [50, 500];
/**
 * Maximum number of scans for a page without results, so that the caller gets a reply in time and can detect an
 * endless scan.
 */
const scansPerPage = 200;
/**
 * Maximum number of consecutive scans of masters that cover no slot. Beyond it, the cluster changes faster than it
 * can be listed.
 */
const maxVainScans = 3;

/**
 * Scans the keys of all masters, or the fields of one hash. A record that persists is found at least once. If a
 * server is replaced, restarted or loses slots meanwhile, the rest of its keys is scanned again, which may repeat
 * records.
 */
export class RedisScan {
  constructor(
    private readonly connection: RedisConnection,
    private readonly layout: RecordLayout,
  ) {}

  page(after: string, limit: number): Promise<ScannedKeys> {
    const {cluster} = this.connection;
    return this.connection.run(async (client) => {
      if (cluster === undefined) return await this.serverPage(client, after, limit);
      if (this.layout.kind === 'hash')
        return await this.serverPage(await this.hashNode(cluster), after, limit);
      return await this.clusterPage(cluster, after, limit);
    });
  }

  private async serverPage(node: Redis, after: string, limit: number): Promise<ScannedKeys> {
    const found = new FoundKeys(this.layout, limit);
    let position = parseServerPosition(after);
    do position = (await found.step(node, position)).position;
    while (position.cursor !== '0' && found.wantsMore);
    return {...found.page(node), next: position.cursor === '0' ? '' : formatServerPosition(position)};
  }

  private async clusterPage(cluster: Cluster, after: string, limit: number): Promise<ScannedKeys> {
    const found = new FoundKeys(this.layout, limit);
    let position = parseClusterPosition(after);
    const ranges = parseSlotRanges(await cluster.cluster('SLOTS'));
    if (!ranges.some(({id}) => id === position.node)) position = nextMaster(position, ranges);
    const node = masterOf(cluster, ranges, position.node);
    do {
      const step = await found.step(node, position, ['CLUSTER', 'SLOTS']);
      const {node: id, kept} = position;
      const owned = SlotSet.of(parseSlotRanges(step.extra).filter((range) => range.id === id));
      position = {...position, ...step.position, kept: kept.and(owned)};
    } while (position.cursor !== '0' && found.wantsMore && !position.kept.isEmpty);
    const done = position.cursor === '0' || position.kept.isEmpty ? afterMaster(position) : position;
    const next = done.covered.firstMissing === undefined ? '' : formatClusterPosition(done);
    return {...found.page(node), next};
  }

  /** Returns the connection to the master of the layout's only hash. */
  private async hashNode(cluster: Cluster): Promise<Redis> {
    const key = this.layout.kind === 'hash' ? this.layout.hash : '';
    const slot = Number(await cluster.cluster('KEYSLOT', key));
    const ranges = parseSlotRanges(await cluster.cluster('SLOTS'));
    const range = ranges.find(({from, to}) => from <= slot && slot <= to);
    return masterOf(cluster, ranges, range?.id ?? '');
  }
}

/** Returns the position at the start of the master that serves the first uncovered slot. */
function nextMaster(position: ClusterPosition, ranges: readonly SlotRange[]): ClusterPosition {
  const serves = ({from, to}: SlotRange): boolean => {
    for (let slot = from; slot <= to; slot += 1) if (!position.covered.has(slot)) return true;
    return false;
  };
  const range = ranges.find(serves);
  if (range === undefined)
    throw new Error(`no node of the Redis Cluster serves slot ${position.covered.firstMissing}`);
  const mine = ranges.filter(({id}) => id === range.id);
  return {...position, ...initialServerPosition, node: range.id, kept: SlotSet.of(mine)};
}

function afterMaster(position: ClusterPosition): ClusterPosition {
  const covered = position.cursor === '0' ? position.covered.or(position.kept) : position.covered;
  const isVain = covered.toString() === position.covered.toString();
  const vain = isVain ? position.vain + 1 : 0;
  if (vain >= maxVainScans)
    throw new UnreachableError('the slots of the Redis Cluster move faster than they can be listed', {
      hint: 'list again when resharding is done: redis-cli --cluster check <host:port>',
    });
  return {...initialServerPosition, node: '', kept: SlotSet.empty(), covered, vain};
}

function masterOf(cluster: Cluster, ranges: readonly SlotRange[], id: string): Redis {
  const range = ranges.find((one) => one.id === id);
  const node = cluster
    .nodes('master')
    .find(({options}) => options.host === range?.host && options.port === range?.port);
  if (node !== undefined) return node;
  cluster.refreshSlotsCache();
  throw new Error(`no connection to cluster master ${range?.host}:${range?.port}`);
}

interface Step {
  readonly position: ServerPosition;
  /** Reply to the additional command, which runs after the scan. */
  readonly extra: unknown;
}

/** Collects the keys or fields for one page. A scan may repeat some. */
class FoundKeys {
  private readonly places = new Map<string, RecordPlace>();
  private readonly held: RedisReadResult[] = [];
  private scans = 0;
  private readonly count: number;

  constructor(
    private readonly layout: RecordLayout,
    limit: number,
  ) {
    this.count = Math.min(maxCount, Math.max(minCount, limit));
  }

  get wantsMore(): boolean {
    return this.places.size * 2 < this.count && this.scans < scansPerPage;
  }

  page(node: Redis): Omit<ScannedKeys, 'next'> {
    const places = [...this.places.values()];
    return {node, places, held: this.layout.kind === 'hash' ? this.held : undefined};
  }

  /** Scans once. On the first scan of a page, a cursor that belongs to another server is replaced by the start. */
  async step(node: Redis, before: ServerPosition, extra: readonly string[] = []): Promise<Step> {
    const isFirst = this.scans === 0;
    this.scans += 1;
    const first = await this.scan(node, before.cursor, isFirst, extra);
    const isOther = isFirst && before.cursor !== '0' && first.run !== before.run;
    const {run, reply, more} = isOther ? await this.scan(node, '0', true, extra) : first;
    return {position: {run: run ?? before.run, cursor: this.add(reply)}, extra: more};
  }

  /** Runs SCAN. A page uses one connection, so only the first scan asks which server it is. */
  private async scan(node: Redis, cursor: string, readsRun: boolean, extra: readonly string[]) {
    const pipeline = node.pipeline();
    this.scanCommand(pipeline, cursor);
    const [name, ...words] = extra;
    if (name !== undefined) pipeline.call(name, ...words);
    if (readsRun) pipeline.info('server');
    const answers = (await pipeline.exec()) ?? [];
    const [error, reply] = answers[0] ?? [new Error('no answer')];
    if (error) throw error;
    const more = name === undefined ? undefined : answers[1]?.[1];
    return {run: readsRun ? runIn(answers.at(-1)?.[1], node) : undefined, reply, more};
  }

  private scanCommand(pipeline: ChainableCommander, cursor: string): void {
    const {layout, count} = this;
    if (layout.kind === 'hash')
      pipeline.hscanBuffer(layout.hash, cursor, 'MATCH', layout.fields.pattern, 'COUNT', count);
    else pipeline.scanBuffer(cursor, 'MATCH', layout.keys.pattern, 'COUNT', count);
  }

  /** Adds the keys or fields in a reply to SCAN. Returns the next cursor. */
  private add(reply: unknown): string {
    const [next, items]: unknown[] = Array.isArray(reply) ? reply : [];
    const cursor = String(next);
    if (!/^\d{1,20}$/.test(cursor) || !Array.isArray(items)) throw new Error('unexpected reply to SCAN');
    if (this.layout.kind === 'hash') this.addFields(this.layout, items);
    else for (const key of items as readonly Buffer[]) this.addKey(this.layout, key);
    return cursor;
  }

  private addKey(layout: Exclude<RecordLayout, {kind: 'hash'}>, key: Buffer): void {
    const uid = layout.keys.uidOf(key);
    this.places.set(uid, {uid, key, field: layout.field});
  }

  private addFields({hash, fields}: Extract<RecordLayout, {kind: 'hash'}>, items: readonly Buffer[]): void {
    const key = Buffer.from(hash);
    for (let at = 0; at + 1 < items.length; at += 2) {
      const [field, value] = [items[at] as Buffer, items[at + 1] as Buffer];
      const uid = fields.uidOf(field);
      if (this.places.has(uid)) continue;
      this.places.set(uid, {uid, key, field});
      this.held.push({value: value.length > maxRedisValueBytes ? value.length : value, ttl: undefined});
    }
  }
}

/**
 * Returns an identity of the server's process. Without permission for INFO it is the local port, so each new
 * connection counts as another server.
 */
function runIn(info: unknown, node: Redis): string {
  const [, run = `${node.stream.localPort}`] = /^run_id:(\w{1,40})/m.exec(String(info)) ?? [];
  return run.slice(0, 12);
}
