import type {CommandIdentity, CommandRisk} from './command-identity.js';
import {toCamelCase} from './line/flag-names.js';
import type {AnyVerb} from './verb.js';

export interface CatalogueEntry extends CommandIdentity {
  /** Imperative, under 60 characters, without a full stop. */
  readonly summary: string;
  /** Imports the command's module. Only the command that runs is loaded. */
  readonly load: () => Promise<AnyVerb>;
}

/** The name that a command's module exports: `contextImportNats` for `context import-nats`. */
type ExportName<Path extends string> = Path extends `${infer First} ${infer Rest}`
  ? `${First}${Capitalize<ExportName<Rest>>}`
  : Path extends `${infer First}-${infer Rest}`
    ? `${First}${Capitalize<ExportName<Rest>>}`
    : Path;

const withRisk =
  (risk: CommandRisk) =>
  <Path extends string>(
    path: Path,
    summary: string,
    load: () => Promise<Readonly<Record<ExportName<Path>, AnyVerb>>>,
  ): CatalogueEntry => ({
    ...{path, risk, summary},
    load: async () => (await load())[toCamelCase(path) as ExportName<Path>],
  });

/** Functions that declare a command with this risk. The build finds the command paths by their calls. */
const [read, write, destroy] = [withRisk('read'), withRisk('write'), withRisk('destroy')];

/**
 * All commands. `addon`, `context`, `gate run`, `dev` and `demo` count as reads: they change the operator's own files or run
 * their own nodes, and never write to the cluster that --read-only protects.
 */
export const catalogue: readonly CatalogueEntry[] = [
  read('sessions list', 'list live sessions', () => import('./commands/sessions/list.js')),
  read('sessions get', 'show one session with its settings', () => import('./commands/sessions/get.js')),
  read('sessions find', 'find the sessions of a uid', () => import('./commands/sessions/find.js')),
  read(
    'sessions count',
    'count sessions per gate or by a field',
    () => import('./commands/sessions/count.js'),
  ),
  read(
    'sessions top',
    'show the sessions that rank highest in a field',
    () => import('./commands/sessions/top.js'),
  ),
  read('sessions watch', 'show session events as they happen', () => import('./commands/sessions/watch.js')),
  destroy(
    'sessions kick',
    'close a session and verify that it is gone',
    () => import('./commands/sessions/kick.js'),
  ),
  write('send', 'send a message to one or more clients', () => import('./commands/sessions/send.js')),
  destroy('apply', 'execute a plan saved with --plan', () => import('./commands/apply/apply.js')),
  write(
    'broadcast',
    'send a message to every client of every gate',
    () => import('./commands/sessions/broadcast.js'),
  ),
  write('bind', 'set or change the uid of a session', () => import('./commands/sessions/bind.js')),
  write('unbind', 'clear the uid of a session', () => import('./commands/sessions/unbind.js')),
  read('settings list', 'list the settings of a session', () => import('./commands/settings/list.js')),
  read('settings get', 'print the value of one setting', () => import('./commands/settings/get.js')),
  write(
    'settings set',
    'set settings of a session and keep the others',
    () => import('./commands/settings/set.js'),
  ),
  write('settings unset', 'remove settings of a session', () => import('./commands/settings/unset.js')),
  write(
    'settings edit',
    'edit the settings of a session in your editor',
    () => import('./commands/settings/edit.js'),
  ),
  write('settings undo', 'undo the last settings change', () => import('./commands/settings/undo.js')),
  read('records list', 'list stored records', () => import('./commands/records/list.js')),
  read(
    'records probe',
    'detect the layout and encoding of a store',
    () => import('./commands/records/probe.js'),
  ),
  read('records get', 'show the record of a uid', () => import('./commands/records/get.js')),
  destroy('records delete', 'delete the record of a uid', () => import('./commands/records/delete.js')),
  write('records set', 'change settings in the record of a uid', () => import('./commands/records/set.js')),
  read('records diff', 'compare a record with the live session', () => import('./commands/records/diff.js')),
  write('records expire', 'set when a record expires', () => import('./commands/records/expire.js')),
  read('records export', 'export all records as JSON lines', () => import('./commands/records/export.js')),
  write('records import', 'import records from JSON lines', () => import('./commands/records/import.js')),
  read('decode', 'decode the bytes of a session, call or page', () => import('./commands/bytes/decode.js')),
  read('encode', 'encode a session as protobuf, msgpack or JSON', () => import('./commands/bytes/encode.js')),
  read('gates list', 'list the gates of the cluster', () => import('./commands/gates/list.js')),
  read('gates info', 'show version, load and storage of gates', () => import('./commands/gates/info.js')),
  read('gates ping', 'measure the response time of each gate', () => import('./commands/gates/ping.js')),
  destroy(
    'gates drain',
    'refuse new sessions on gates and evict existing ones',
    () => import('./commands/gates/drain.js'),
  ),
  write(
    'gates resume',
    'let drained gates accept sessions again',
    () => import('./commands/gates/resume.js'),
  ),
  read('trace', 'show decoded calls on the bus', () => import('./commands/trace/trace.js')),
  read('dashboard', 'show the live cluster full screen', () => import('./commands/dashboard/dashboard.js')),
  read('doctor', 'diagnose cluster problems', () => import('./commands/doctor/doctor.js')),
  read('anomalies', 'find inconsistent sessions and records', () => import('./commands/doctor/anomalies.js')),
  read('metrics', 'print gate metrics in Prometheus format', () => import('./commands/metrics/metrics.js')),
  read(
    'snapshot save',
    'save the sessions of the cluster to a file',
    () => import('./commands/snapshot/save.js'),
  ),
  read('snapshot list', 'list saved snapshots', () => import('./commands/snapshot/list.js')),
  read(
    'snapshot diff',
    'compare two snapshots, or one with the live cluster',
    () => import('./commands/snapshot/diff.js'),
  ),
  read('gate run', 'run a gate node in the foreground', () => import('./commands/gates/gate-run.js')),
  read(
    'addon install',
    "put the Go add-on into your gate's module",
    () => import('./commands/addon/install.js'),
  ),
  read(
    'gate passwd',
    "set a user in a gate's password file",
    () => import('./commands/gates/gate-passwd.js'),
  ),
  read('context list', 'list contexts', () => import('./commands/context/list.js')),
  read('context add', 'save the connection flags as a context', () => import('./commands/context/add.js')),
  read('context edit', 'change a context', () => import('./commands/context/edit.js')),
  read('context use', 'select a context', () => import('./commands/context/use.js')),
  read(
    'context show',
    'show the effective settings and their sources',
    () => import('./commands/context/show.js'),
  ),
  read(
    'context import-nats',
    'import the contexts of natscli',
    () => import('./commands/context/import-nats.js'),
  ),
  read('context remove', 'delete a context', () => import('./commands/context/remove.js')),
  read('audit list', 'list journaled writes', () => import('./commands/audit/list.js')),
  read('audit export', 'export the journal as JSON lines', () => import('./commands/audit/export.js')),
  read('plugin list', 'list plugin commands on PATH', () => import('./commands/plugin/list.js')),
  read('completion', 'print a shell completion script', () => import('./commands/completion/completion.js')),
  read('dev', 'run an embedded cluster until stopped', () => import('./commands/dev/dev.js')),
  read('demo', 'run an embedded cluster with simulated clients', () => import('./commands/dev/demo.js')),
];

/** Finds a command by its path, such as `sessions list`. */
export const findCommand = (path: string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.path === path);
