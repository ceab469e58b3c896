// A node that answers every call with "success" and does nothing else: node responder.mjs <nats url> <address>
import {once} from 'node:events';
import {connect} from 'nats';
import {decodeCall, encodeResult} from '../../src/bus/envelope.js';

const [servers = '', address = ''] = process.argv.slice(2);
const connection = await connect({servers});
const result = Buffer.from('success');
connection.subscribe(address, {
  callback: (_, {data, reply = ''}) => {
    const {cid, replyTo} = decodeCall(data);
    const answer = encodeResult({cid, error: '', resultType: 'string', result});
    connection.publish(replyTo === '' ? reply : replyTo, answer);
  },
});
await connection.flush();
console.log('{}');
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
