// How long `gatectl sessions list -o json` takes on a cluster of real gates (a process each) with real MQTT clients.
// node test/bench/list.mjs [sessions] [rounds]
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {connect} from 'node:net';
import {loadavg, tmpdir} from 'node:os';
import path from 'node:path';
import {performance} from 'node:perf_hooks';
import {generate, parser} from 'mqtt-packet';

const sessions = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 7);
const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-bench-'));
const {NODE_EXTRA_CA_CERTS: _, ...inherited} = process.env;
const env = {...inherited, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder};

/** Resolves with the ports of the gates once the cluster is up. */
async function startCluster() {
  const child = spawn(process.execPath, ['bin/gatectl.js', 'dev', '--processes'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('In another terminal')) break;
  }
  child.stdout.resume();
  const ports = [...said.matchAll(/mqtt:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  return {child, ports, bus: /NATS +.*/.exec(said)?.[0]};
}

/** One client: connected, logged in, in a room. Resolves when the module has answered twice. */
function join(port, at) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const packets = parser();
    const publish = (fn, body) =>
      socket.write(
        generate({cmd: 'publish', topic: `HelloWorld/${fn}/1`, payload: JSON.stringify(body), qos: 0}),
      );
    let answers = 0;
    packets.on('packet', ({cmd}) => {
      if (cmd === 'connack') publish('HD_login', {uid: `user-${at}`});
      else if (cmd !== 'publish') return;
      else if (++answers === 1) publish('HD_room', {room: `room-${at % 100}`});
      else resolve(socket);
    });
    socket.on('data', (bytes) => packets.parse(bytes));
    socket.once('error', reject);
    socket.write(generate({cmd: 'connect', clientId: `c${at}`, keepalive: 0, clean: true}));
  });
}

async function joinAll(ports) {
  const sockets = [];
  for (let from = 0; from < sessions; from += 200) {
    const some = Array.from({length: Math.min(200, sessions - from)}, (_, index) => from + index);
    sockets.push(...(await Promise.all(some.map((at) => join(ports[at % ports.length], at)))));
  }
  return sockets;
}

function list() {
  const started = performance.now();
  const {stdout, stderr, status} = spawnSync(
    process.execPath,
    ['bin/gatectl.js', 'sessions', 'list', '-o', 'json'],
    {
      env,
      maxBuffer: 1 << 30,
    },
  );
  const ms = performance.now() - started;
  const {items, complete} = JSON.parse(stdout.toString());
  const bound = items.filter(({uid, settings}) => uid !== '' && settings.roomName !== undefined).length;
  if (status !== 0 || !complete || items.length !== sessions || bound !== sessions) {
    throw new Error(
      `exit ${status}, ${items.length} rows, ${bound} of them with uid and settings: ${stderr}`,
    );
  }
  return {ms, bytes: stdout.length};
}

const cluster = await startCluster();
const sockets = [];
try {
  sockets.push(...(await joinAll(cluster.ports)));
  const results = Array.from({length: rounds}, list);
  const times = results.map(({ms}) => ms).sort((a, b) => a - b);
  const figure = (ms) => `${ms.toFixed(0)} ms`;
  console.log(
    `${sessions} sessions on ${cluster.ports.length} gates, ${cluster.bus}, load ${loadavg()[0].toFixed(1)}`,
  );
  console.log(
    `sessions list -o json, ${results[0].bytes} bytes: median ${figure(times[rounds >> 1])}, fastest ${figure(times[0])}, slowest ${figure(times.at(-1))} (${rounds} runs)`,
  );
} finally {
  for (const socket of sockets) socket.destroy();
  cluster.child.kill();
  cluster.child.once('exit', () => rmSync(folder, {recursive: true, force: true}));
}
