// What a script without gatectl would do: the nats package, one page of a gate at a time, protobufjs, JSON.stringify.
// node naive-client.mjs <nats url> <address of a gate> …
import {connect} from 'nats';
import protobuf from 'protobufjs';
import {decodeResult, encodeCall} from '../../src/bus/rpc/envelope.js';

const [servers = '', ...addresses] = process.argv.slice(2);
const schema = `syntax = "proto3";
  message Session { string ip=1; string network=2; string userId=3; string sessionId=4; string serverId=5;
    string traceId=6; string spanId=7; map<string,string> settings=8; map<string,string> carrier=9; string topic=10; }
  message Row { Session session=1; uint64 connectedAt=2; uint64 lastActiveAt=3; uint64 received=4; uint64 sent=5; }
  message Page { repeated Row rows=1; string next=2; }`;
const Page = protobuf.parse(schema).root.lookupType('Page');
const connection = await connect({servers});
const trace = Buffer.from('{"Trace":"00000000000000a1","Span":"00000000000000b2"}');
const fn = 'GatectlList';

for (const address of addresses) {
  for (let after = '', more = true; more; more = after !== '') {
    const args = [trace, Buffer.from(JSON.stringify({after}))];
    const inbox = `_INBOX.bench.${Math.random().toString(36).slice(2)}`;
    const subscription = connection.subscribe(inbox, {max: 1});
    const call = {cid: 'c', fn, replyTo: inbox, track: '', expired: 0, reply: true, caller: '', hostname: ''};
    connection.publish(`${address}.${fn}`, encodeCall({...call, argsType: ['trace', 'map'], args}));
    for await (const {data} of subscription) {
      const page = Page.decode(decodeResult(Buffer.from(data)).result) as unknown as {
        rows: unknown[];
        next: string;
      };
      for (const row of page.rows) process.stdout.write(`${JSON.stringify(row)}\n`);
      after = page.next;
    }
  }
}
await connection.close();
