// What a script without gatectl would do: the KV client's own listing of the last values, protobufjs, JSON lines.
// node naive-jetstream.mjs <nats url>
import {connect} from 'nats';
import protobuf from 'protobufjs';

const connection = await connect({servers: process.argv[2] ?? ''});
const bucket = await connection.jetstream().views.kv('sessions');
const Session = protobuf
  .parse(
    `syntax = "proto3"; message Session { string ip=1; string network=2; string userId=3; string sessionId=4;
    string serverId=5; string traceId=6; string spanId=7; map<string,string> settings=8; map<string,string> carrier=9;
    string topic=10; }`,
  )
  .root.lookupType('Session');
for await (const {key, value, revision} of await bucket.history()) {
  const line = {uid: key, revision, session: Session.decode(value)};
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
await connection.close();
