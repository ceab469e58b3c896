// An aedes broker on a free port of 127.0.0.1 until stdin ends: node aedes-server.mjs
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {Aedes} from 'aedes';

const broker = await Aedes.createBroker();
const server = createServer({noDelay: true}, broker.handle).listen(0, '127.0.0.1', 4096);
await once(server, 'listening');
console.log(JSON.stringify({port: (server.address() as AddressInfo).port}));
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
