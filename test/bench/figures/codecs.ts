import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import protobuf from 'protobufjs';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {generatedSession} from '../../support/generated-gate.js';
import {findProgram} from '../../support/servers.js';
import {atLeast, type BenchOptions, type Figure, median, type Suite, us} from '../figure.js';

const count = 2000;
const goFolder = path.resolve('test/interop/mqant');

/** One session at a time, beside protobufjs's generated code and mqant's own in Go. */
export const codecSuite: Suite = {name: 'codecs', run: measure};

const schema = `syntax = "proto3"; message S { string ip=1; string network=2; string userId=3; string sessionId=4;
  string serverId=5; string traceId=6; string spanId=7; map<string,string> settings=8; map<string,string> carrier=9;
  string topic=10; }`;

async function measure({quick, say}: BenchOptions): Promise<Figure[]> {
  const Session = protobuf.parse(schema).root.lookupType('S');
  const sessions = Array.from({length: count}, (_, at) => generatedSession(at, 'Gate@ef3baf91ee4eda8d'));
  const bytes = sessions.map(encodeSession);
  const go = goTimes(bytes[1] as Buffer, quick ? 20_000 : 200_000, say);
  const work = {
    decode: () => bytes.reduce((sum, one) => sum + decodeSession(one).sessionId.length, 0),
    decodeTheirs: () =>
      bytes.reduce(
        (sum, one) => sum + (Session.decode(one) as unknown as {sessionId: string}).sessionId.length,
        0,
      ),
    encode: () => sessions.reduce((sum, one) => sum + encodeSession(one).length, 0),
    encodeTheirs: () => sessions.reduce((sum, one) => sum + Session.encode(one).finish().length, 0),
  };
  const [decode, decodeTheirs, encode, encodeTheirs] = cpuOf(Object.values(work), quick ? 5 : 41);
  const size = bytes[1]?.length;
  return [
    figure(`decode a session of ${size} B`, decode, 'protobufjs', decodeTheirs, 2, 3.5),
    figure(`encode a session of ${size} B`, encode, 'protobufjs', encodeTheirs, 1.2, 1.6),
    ...(go === undefined
      ? []
      : [
          figure(`decode, beside mqant's NewSession`, decode, 'Go', go.decode, 2, 2),
          figure(`encode, beside mqant's Serializable`, encode, 'Go', go.encode, 1.5, 1.5),
        ]),
  ];
}

function figure(
  name: string,
  ours: readonly number[] | undefined = [],
  peer: string,
  theirs: readonly number[] | undefined = [],
  first: number,
  moonshot: number,
): Figure {
  return {
    name,
    value: us(median(ours)),
    floor: `${peer} ${us(median(theirs))}`,
    ratio: median(theirs) / median(ours),
    target: atLeast(first, moonshot),
  };
}

/** Microseconds of CPU a session, of each round. */
function cpuOf(works: readonly (() => number)[], rounds: number): number[][] {
  const times: number[][] = works.map(() => []);
  for (let round = -10; round < rounds; round += 1) {
    for (const [at, work] of works.entries()) {
      const started = process.cpuUsage();
      if (work() === 0) throw new Error('nothing was done');
      const {user, system} = process.cpuUsage(started);
      if (round >= 0) times[at]?.push((user + system) / count);
    }
  }
  return times;
}

/** What Go takes for the same bytes; undefined where it is not installed. */
function goTimes(
  session: Buffer,
  rounds: number,
  say: (line: string) => void,
): {readonly decode: readonly number[]; readonly encode: readonly number[]} | undefined {
  if (findProgram('go') === undefined || !existsSync(path.join(goFolder, 'codec'))) {
    say('go is not installed: no figures beside mqant');
    return undefined;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-bench-'));
  try {
    const file = path.join(folder, 'codec');
    execFileSync('go', ['build', '-o', file, './codec'], {
      cwd: goFolder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const told = execFileSync(file, [session.toString('hex'), String(rounds)]).toString();
    const {decodeUs, encodeUs} = JSON.parse(told) as {
      readonly decodeUs: number[];
      readonly encodeUs: number[];
    };
    return {decode: decodeUs, encode: encodeUs};
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
