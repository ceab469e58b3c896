// Kicks 1,000 of 3,000 real MQTT clients of one gate at 100 a second: is the pace kept, and what do the others feel?
// node test/bench/kick.mjs [kicked] [others] [rate]
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {connect} from 'node:net';
import {loadavg, tmpdir} from 'node:os';
import path from 'node:path';
import {performance} from 'node:perf_hooks';
import {setTimeout as wait} from 'node:timers/promises';
import {generate, parser} from 'mqtt-packet';

const [kicked = 1000, others = 2000, rate = 100] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-bench-'));
const {NODE_EXTRA_CA_CERTS: _, ...inherited} = process.env;
const env = {...inherited, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder};

async function startCluster() {
  const child = spawn(process.execPath, ['bin/gatectl.js', 'dev', '--gates', '1', '--processes'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('In another terminal')) break;
  }
  child.stdout.resume();
  return {child, port: Number(/mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1])};
}

class Client {
  open = true;
  answered = () => {};

  constructor(port, id) {
    this.socket = connect(port, '127.0.0.1').setNoDelay(true);
    const packets = parser();
    packets.on('packet', () => this.answered());
    this.socket.on('data', (bytes) => packets.parse(bytes));
    this.socket.on('close', () => {
      this.open = false;
    });
    this.hello = generate({cmd: 'connect', clientId: id, keepalive: 0, clean: true});
  }

  /** The milliseconds of one round trip through gate, bus and module. */
  ask(fn, body) {
    const topic = `HelloWorld/${fn}/1`;
    return this.trip(generate({cmd: 'publish', topic, payload: JSON.stringify(body), qos: 0}));
  }

  trip(bytes) {
    const started = performance.now();
    const trip = new Promise((done) => {
      this.answered = () => done(performance.now() - started);
    });
    this.socket.write(bytes);
    return trip;
  }
}

async function join(port, room, at) {
  const client = new Client(port, `${room}${at}`);
  await client.trip(client.hello);
  await client.ask('HD_room', {room});
  return client;
}

async function joinAll(port, room, count) {
  const clients = [];
  for (let from = 0; from < count; from += 100) {
    const some = Array.from({length: Math.min(100, count - from)}, (_, index) => from + index);
    clients.push(...(await Promise.all(some.map((at) => join(port, room, at)))));
  }
  return clients;
}

/** Ten clients ask every 20 ms until told to stop: their round trips. */
async function feel(clients, ending) {
  const times = [];
  let over = false;
  void ending.finally(() => {
    over = true;
  });
  await Promise.all(
    clients.slice(0, 10).map(async (client) => {
      while (!over) {
        times.push(await client.ask('HD_whoami', {}));
        await wait(20);
      }
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)].toFixed(1);
  return {p50: at(0.5), p99: at(0.99), asked: times.length};
}

function kick(argv, onStart = () => {}) {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(process.execPath, ['bin/gatectl.js', 'sessions', 'kick', ...argv, '-o', 'jsonl'], {
      env,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    onStart(child);
    child.once('close', (code) => {
      const states = out
        .split('\n')
        .filter((line) => line.startsWith('{"id"'))
        .map((line) => JSON.parse(line).state);
      resolve({
        code,
        ms: performance.now() - started,
        done: states.filter((state) => state === 'done').length,
        err,
      });
    });
  });
}

const {child, port} = await startCluster();
try {
  const stay = await joinAll(port, 'stay', others);
  const select = (count) => [
    '--setting',
    'roomName=leave',
    '--rate',
    `${rate}`,
    '--yes',
    '--expect',
    `${count}`,
  ];

  const leave = await joinAll(port, 'leave', kicked);
  const before = await feel(stay, wait(5000));
  const kicking = kick(select(kicked));
  const during = await feel(stay, kicking);
  const whole = await kicking;
  const open = leave.filter((client) => client.open).length;
  console.log(`${kicked} of ${kicked + others} kicked at ${rate}/s, load ${loadavg()[0].toFixed(1)}`);
  console.log(
    `exit ${whole.code}, ${whole.done} done, ${open} still open, ${whole.ms.toFixed(0)} ms: ${((kicked / whole.ms) * 1000).toFixed(1)}/s with starting, listing and ending`,
  );
  console.log(
    `others' round trip: before p50 ${before.p50} p99 ${before.p99} ms (${before.asked}), during p50 ${during.p50} p99 ${during.p99} ms (${during.asked})`,
  );

  const again = await joinAll(port, 'leave', kicked);
  const file = path.join(folder, 'outcome.jsonl');
  let asked = 0;
  const stopped = await kick([...select(kicked), '--outcome', file], (process_) => {
    setTimeout(() => {
      asked = performance.now();
      process_.kill('SIGINT');
    }, 3000);
  });
  const stopMs = performance.now() - asked;
  await wait(200);
  const gone = again.filter((client) => !client.open).length;
  console.log(
    `Ctrl-C after 3 s: exit ${stopped.code} in ${stopMs.toFixed(0)} ms, ${stopped.done} said done, ${gone} are gone`,
  );
  const rest = await kick([
    '--resume',
    file,
    '--rate',
    `${rate}`,
    '--yes',
    '--expect',
    `${kicked - stopped.done}`,
  ]);
  await wait(200);
  console.log(
    `resume: exit ${rest.code}, ${rest.done} done, ${again.filter((client) => client.open).length} of them still open; ${stay.filter((client) => client.open).length} of ${others} others open`,
  );
  for (const client of stay) client.socket.destroy();
} finally {
  child.kill();
  child.once('exit', () => rmSync(folder, {recursive: true, force: true}));
}
