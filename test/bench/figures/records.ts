import {Redis} from 'ioredis';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {generatedSession} from '../../support/generated-gate.js';
import {startRedis} from '../../support/redis.js';
import {atMost, type BenchOptions, below, type Figure, mb, median, type Suite, us} from '../figure.js';
import {about, bundled, inFolder, paired, program, type Run, runNode} from '../processes.js';

/** Records in Redis to JSON lines, beside a script that reads them by SCAN and pipelined GET and PTTL. */
export const recordSuite: Suite = {
  name: 'records',
  run: (options) => inFolder((folder) => measure(options, folder)),
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
