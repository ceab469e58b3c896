// What a script without gatectl would do: SCAN, pipelined GET and PTTL, protobufjs, JSON lines.
// node naive-records.mjs <redis url>
import {Redis} from 'ioredis';
import protobuf from 'protobufjs';

const redis = new Redis(process.argv[2] ?? '');
const Session = protobuf
  .parse(
    `syntax = "proto3"; message Session { string ip=1; string network=2; string userId=3; string sessionId=4;
    string serverId=5; string traceId=6; string spanId=7; map<string,string> settings=8; map<string,string> carrier=9;
    string topic=10; }`,
  )
  .root.lookupType('Session');
for await (const keys of redis.scanStream({match: 'session:*', count: 500})) {
  const commands = redis.pipeline();
  for (const key of keys) commands.getBuffer(key).pttl(key);
  const answers = (await commands.exec()) ?? [];
  for (let at = 0; at < keys.length; at += 1) {
    const session = Session.decode(answers[at * 2]?.[1] as Buffer);
    const line = {uid: keys[at].slice('session:'.length), expiresInMs: answers[at * 2 + 1]?.[1], session};
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
redis.disconnect();
