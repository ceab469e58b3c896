// A node that answers every call with "success" and does nothing else: node responder.mjs <nats url> <address>
import {once} from 'node:events';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {decodeCall, encodeResult} from '../../src/bus/rpc/envelope.js';

const [server = '', address = ''] = process.argv.slice(2);
const bus = await connectBus({server, timeoutMs: 5000, reconnect: false});
const result = Buffer.from('success');
bus.subscribe(address, ({data, reply = ''}) => {
  const {cid, replyTo} = decodeCall(data);
  const answer = encodeResult({cid, error: '', resultType: 'string', result});
  bus.publish(replyTo === '' ? reply : replyTo, answer);
});
await bus.flush();
console.log('{}');
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
