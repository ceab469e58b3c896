// The floor of a listing: takes the same pages from the same gates over the bus and drops them.
// node floor-client.mjs <nats url> <bytes that there are at least> <address of a gate> …
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {decodeResult, encodeCall} from '../../src/bus/rpc/envelope.js';
import {ProtobufReader} from '../../src/session/codec/protobuf-reader.js';

const [server = '', least = '', ...addresses] = process.argv.slice(2);
const bus = await connectBus({server, timeoutMs: 5000, reconnect: false});
const trace = Buffer.from('{"Trace":"00000000000000a1","Span":"00000000000000b2"}');
let bytes = 0;

await Promise.all(addresses.map(takeAll));
await bus.close();
if (bytes < Number(least)) throw new Error(`the pages end after ${bytes} bytes of at least ${least}`);
process.stdout.write(`${JSON.stringify({bytes})}\n`);

function takeAll(address: string): Promise<void> {
  return new Promise((resolve) => {
    const inbox = bus.newInbox();
    const ask = (after: string): void => {
      const args = [trace, Buffer.from(JSON.stringify({after}))];
      const fn = 'GatectlList';
      const call = {
        cid: 'c',
        fn,
        replyTo: inbox,
        track: '',
        expired: 0,
        reply: true,
        caller: '',
        hostname: '',
      };
      bus.publish(`${address}.${fn}`, encodeCall({...call, argsType: ['trace', 'map'], args}), inbox);
    };
    bus.subscribe(inbox, ({data}) => {
      bytes += data.length;
      const next = nextOf(decodeResult(data).result);
      if (next === '') resolve();
      else ask(next);
    });
    ask('');
  });
}

/** Reads nothing of a page but where the next one begins; `latin1` of the whole page is what that costs. */
function nextOf(page: Uint8Array): string {
  const tail = page.subarray(Math.max(0, page.length - 96)); // the cursor and three numbers stand at the end
  const at = Buffer.from(tail).lastIndexOf(Buffer.from([0x12]));
  for (let from = at; from >= 0; from -= 1) {
    if (tail[from] !== 0x12) continue;
    const next = cursorAt(tail.subarray(from));
    if (next !== undefined) return next;
  }
  return '';
}

function cursorAt(bytes: Uint8Array): string | undefined {
  try {
    const reader = new ProtobufReader(bytes);
    if (!reader.next() || reader.field !== 2) return undefined;
    const next = reader.string('next');
    return /^[0-9a-z]+(?:-\d+){2}$/.test(next) ? next : undefined;
  } catch {
    return undefined;
  }
}
