import {Redis} from 'ioredis';
import {connect} from 'nats';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {generatedSession} from '../../support/generated-gate.js';
import {startNats} from '../../support/nats.js';
import {startRedis} from '../../support/redis.js';
import {atMost, type BenchOptions, below, type Figure, mb, median, type Suite, us} from '../figure.js';
import {about, BenchProcess, bundled, inFolder, paired, program, type Run, runNode} from '../processes.js';

/** Records in Redis, JetStream and MongoDB to JSON lines, each beside a script that reads and decodes them. */
export const recordSuite: Suite = {
  name: 'records',
  run: async (options) => [
    ...(await inFolder((folder) => measure(options, folder))),
    ...(await inFolder((folder) => measureBucket(options, folder))),
    ...(await inFolder((folder) => measureMongo(options, folder))),
  ],
};

async function measure({quick, say}: BenchOptions, folder: string): Promise<Figure[]> {
  const [some, many] = quick ? [20_000, 60_000] : [200_000, 1_000_000];
  await using server = await startRedis();
  const url = `${server.url}/0`;
  const redis = new Redis(url);
  await fill(redis, 0, some);
  say(`${some} records`);
  const script = bundled('naive-records');
  const list = (format: string): Run =>
    runNode([program, 'records', 'list', '--store', url, '-o', format], folder);
  const floor: Run[] = [];
  const [jsonl, ids]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < (quick ? 3 : 5); round += 1) {
    floor.push(runNode([script, url], folder));
    jsonl.push(list('jsonl'));
    ids.push(list('ids'));
    say(`round ${round + 1}`);
  }
  await fill(redis, some, many);
  redis.disconnect();
  const whole = list('jsonl');
  const eachUs = (1000 * median(jsonl.map((run) => run.cpuMs))) / some;
  return [
    {
      name: `${some} records from Redis to JSONL`,
      value: about(jsonl),
      floor: `SCAN, pipelined GET and PTTL, protobufjs, JSON.stringify ${about(floor)}`,
      ratio: paired(jsonl, floor),
      target: atMost(1.1, 0.7),
    },
    {
      name: 'one record of those, in CPU time',
      value: us(eachUs),
      amount: eachUs,
      target: below(20, 12, 'µs'),
    },
    {name: `${some} records from Redis, uids alone`, value: about(ids), note: 'expiries are not asked for'},
    {
      name: `${many} records from Redis to JSONL`,
      value: about([whole]),
      floor: `RSS of ${some}: ${mb(median(jsonl.map((run) => run.rssBytes)))}`,
      ratio: whole.rssBytes / median(jsonl.map((run) => run.rssBytes)),
      target: atMost(1.5, 1.2),
      note: 'memory beside memory',
    },
  ];
}

/** Records in a JetStream bucket, beside the listing of the bucket's own client. */
async function measureBucket({quick, say}: BenchOptions, folder: string): Promise<Figure[]> {
  const count = quick ? 5000 : 50_000;
  await using server = await startNats('jetstream { store_dir: "{folder}/js" }');
  const connection = await connect({servers: server.url});
  const bucket = await connection.jetstream().views.kv('sessions');
  for (let from = 0; from < count; from += 500) {
    const some = Array.from({length: Math.min(500, count - from)}, (_, at) => from + at);
    await Promise.all(
      some.map((at) =>
        bucket.put(`u${at}`, encodeSession({...generatedSession(at, 'Gate@g1'), userId: `u${at}`})),
      ),
    );
  }
  await connection.close();
  say(`${count} records in JetStream`);
  const script = bundled('naive-jetstream');
  const [floor, jsonl]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    floor.push(runNode([script, server.url], folder));
    const store = ['--store', 'jetstream://sessions', '--server', server.url];
    jsonl.push(runNode([program, 'records', 'list', ...store, '-o', 'jsonl'], folder));
    say(`round ${round + 1}`);
  }
  return [
    {
      name: `${count} records from JetStream to JSONL`,
      value: about(jsonl),
      floor: `KV client's history(), protobufjs, JSON.stringify ${about(floor)}`,
      ...cpuRatio(jsonl, floor),
    },
  ];
}

/** Records in a collection, beside the driver's cursor. */
async function measureMongo({quick, say}: BenchOptions, folder: string): Promise<Figure[]> {
  const count = quick ? 20_000 : 200_000;
  const command = [process.execPath, bundled('mongo-server'), String(count)];
  const server = await BenchProcess.start<{readonly url: string}>(command);
  const {url} = server.ready;
  say(`${count} records in MongoDB`);
  const script = bundled('naive-mongo');
  const [floor, jsonl]: [Run[], Run[]] = [[], []];
  for (let round = 0; round < (quick ? 3 : 5); round += 1) {
    floor.push(runNode([script, url], folder));
    jsonl.push(runNode([program, 'records', 'list', '--store', url, '-o', 'jsonl'], folder));
    say(`round ${round + 1}`);
  }
  await server.stop();
  return [
    {
      name: `${count} records from MongoDB to JSONL`,
      value: about(jsonl),
      floor: `cursor of the driver, protobufjs, JSON.stringify ${about(floor)}`,
      ...cpuRatio(jsonl, floor),
    },
  ];
}

const cpuRatio = (runs: readonly Run[], floor: readonly Run[]) => ({
  ratio: paired(runs, floor, 'cpuMs'),
  target: atMost(1.1, 0.7),
  note: `in CPU time of the client; by wall-clock time ${paired(runs, floor).toFixed(2)}`,
});

/** Records of 240 bytes with a time to live, as a gate of `list` would store them. */
async function fill(redis: Redis, first: number, end: number): Promise<void> {
  for (let from = first; from < end; from += 1000) {
    const pipeline = redis.pipeline();
    for (let at = from; at < Math.min(end, from + 1000); at += 1) {
      const session = generatedSession(at, 'Gate@g1');
      const uid = session.userId === '' ? `guest-${at}` : session.userId;
      pipeline.set(`session:${uid}`, Buffer.from(encodeSession(session)), 'PX', 3_600_000 + at);
    }
    await pipeline.exec();
  }
}
