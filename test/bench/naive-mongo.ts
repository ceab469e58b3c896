// What a script without gatectl would do: the driver's cursor, protobufjs, JSON lines.
// node naive-mongo.mjs <mongodb url of a database>
import {type Binary, MongoClient} from 'mongodb';
import protobuf from 'protobufjs';

const client = new MongoClient(process.argv[2] ?? '');
const Session = protobuf
  .parse(
    `syntax = "proto3"; message Session { string ip=1; string network=2; string userId=3; string sessionId=4;
    string serverId=5; string traceId=6; string spanId=7; map<string,string> settings=8; map<string,string> carrier=9;
    string topic=10; }`,
  )
  .root.lookupType('Session');
for await (const {_id, Session: bytes, UpdateAt} of client.db().collection('gateSession').find()) {
  const line = {uid: _id, updatedAt: UpdateAt, session: Session.decode((bytes as Binary).buffer)};
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
await client.close();
