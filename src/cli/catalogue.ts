import type {CommandIdentity, Risk} from './command-identity.js';
import type {AnyVerb} from './verb.js';

type Load = () => Promise<AnyVerb>;

export interface CatalogueEntry extends CommandIdentity {
  /** Imperative, under 60 characters, without a full stop. */
  readonly summary: string;
  /** Imports the command, so that a command line loads only the command it runs. */
  readonly load: Load;
}

/** The build reads the paths of commands from calls of this function. */
const command = (path: string, risk: Risk, summary: string, load: Load): CatalogueEntry => ({
  path,
  risk,
  summary,
  load,
});

/**
 * Every command. `addon`, `context`, `gate run`, `dev` and `demo` count as reads: they change the operator's own files or run
 * their own nodes, and never write to the cluster that --read-only protects.
 */
export const catalogue: readonly CatalogueEntry[] = [
  command(
    'sessions list',
    'read',
    'list live sessions',
    async () => (await import('./commands/sessions/list.js')).sessionsList,
  ),
  command(
    'sessions get',
    'read',
    'show one session with its settings',
    async () => (await import('./commands/sessions/get.js')).sessionsGet,
  ),
  command(
    'sessions find',
    'read',
    'find the sessions of a uid',
    async () => (await import('./commands/sessions/find.js')).sessionsFind,
  ),
  command(
    'sessions count',
    'read',
    'count sessions per gate or by a field',
    async () => (await import('./commands/sessions/count.js')).sessionsCount,
  ),
  command(
    'sessions top',
    'read',
    'show the sessions that rank highest in a field',
    async () => (await import('./commands/sessions/top.js')).sessionsTop,
  ),
  command(
    'sessions watch',
    'read',
    'show session events as they happen',
    async () => (await import('./commands/sessions/watch.js')).sessionsWatch,
  ),
  command(
    'sessions kick',
    'destroy',
    'close a session and verify that it is gone',
    async () => (await import('./commands/sessions/kick.js')).sessionsKick,
  ),
  command(
    'send',
    'write',
    'send a message to one or more clients',
    async () => (await import('./commands/sessions/send.js')).send,
  ),
  command(
    'apply',
    'destroy',
    'run a plan written with --plan',
    async () => (await import('./commands/apply/apply.js')).apply,
  ),
  command(
    'broadcast',
    'write',
    'send a message to every client of every gate',
    async () => (await import('./commands/sessions/broadcast.js')).broadcast,
  ),
  command(
    'bind',
    'write',
    'set or change the uid of a session',
    async () => (await import('./commands/sessions/bind.js')).bind,
  ),
  command(
    'unbind',
    'write',
    'clear the uid of a session',
    async () => (await import('./commands/sessions/unbind.js')).unbind,
  ),
  command(
    'settings list',
    'read',
    'list the settings of a session',
    async () => (await import('./commands/settings/list.js')).settingsList,
  ),
  command(
    'settings get',
    'read',
    'print the value of one setting',
    async () => (await import('./commands/settings/get.js')).settingsGet,
  ),
  command(
    'settings set',
    'write',
    'set settings of a session and keep the others',
    async () => (await import('./commands/settings/set.js')).settingsSet,
  ),
  command(
    'settings unset',
    'write',
    'remove settings of a session',
    async () => (await import('./commands/settings/unset.js')).settingsUnset,
  ),
  command(
    'settings edit',
    'write',
    'edit the settings of a session in your editor',
    async () => (await import('./commands/settings/edit.js')).settingsEdit,
  ),
  command(
    'settings undo',
    'write',
    'undo the last change of settings',
    async () => (await import('./commands/settings/undo.js')).settingsUndo,
  ),
  command(
    'records list',
    'read',
    'list stored records',
    async () => (await import('./commands/records/list.js')).recordsList,
  ),
  command(
    'records probe',
    'read',
    'find the layout and encoding of a store',
    async () => (await import('./commands/records/probe.js')).recordsProbe,
  ),
  command(
    'records get',
    'read',
    'show the record of a uid',
    async () => (await import('./commands/records/get.js')).recordsGet,
  ),
  command(
    'records delete',
    'destroy',
    'delete the record of a uid',
    async () => (await import('./commands/records/delete.js')).recordsDelete,
  ),
  command(
    'records set',
    'write',
    'change settings in the record of a uid',
    async () => (await import('./commands/records/set.js')).recordsSet,
  ),
  command(
    'records diff',
    'read',
    'compare a record with the live session',
    async () => (await import('./commands/records/diff.js')).recordsDiff,
  ),
  command(
    'records expire',
    'write',
    'set when a record expires',
    async () => (await import('./commands/records/expire.js')).recordsExpire,
  ),
  command(
    'records export',
    'read',
    'export all records as JSON lines',
    async () => (await import('./commands/records/export.js')).recordsExport,
  ),
  command(
    'records import',
    'write',
    'import records from JSON lines',
    async () => (await import('./commands/records/import.js')).recordsImport,
  ),
  command(
    'decode',
    'read',
    'decode the bytes of a session, call or page',
    async () => (await import('./commands/bytes/decode.js')).decode,
  ),
  command(
    'encode',
    'read',
    'encode a session as protobuf, msgpack or JSON',
    async () => (await import('./commands/bytes/encode.js')).encode,
  ),
  command(
    'gates list',
    'read',
    'list the gates of the cluster',
    async () => (await import('./commands/gates/list.js')).gatesList,
  ),
  command(
    'gates info',
    'read',
    'show version, load and storage of gates',
    async () => (await import('./commands/gates/info.js')).gatesInfo,
  ),
  command(
    'gates ping',
    'read',
    'measure the response time of each gate',
    async () => (await import('./commands/gates/ping.js')).gatesPing,
  ),
  command(
    'trace',
    'read',
    'show decoded calls on the bus',
    async () => (await import('./commands/trace/trace.js')).trace,
  ),
  command(
    'dashboard',
    'read',
    'show the live cluster full screen',
    async () => (await import('./commands/dashboard/dashboard.js')).dashboard,
  ),
  command(
    'doctor',
    'read',
    'diagnose problems of a cluster',
    async () => (await import('./commands/doctor/doctor.js')).doctor,
  ),
  command(
    'anomalies',
    'read',
    'find inconsistent sessions and records',
    async () => (await import('./commands/doctor/anomalies.js')).anomalies,
  ),
  command(
    'metrics',
    'read',
    'print gate metrics in Prometheus format',
    async () => (await import('./commands/metrics/metrics.js')).metrics,
  ),
  command(
    'snapshot save',
    'read',
    'save the sessions of the cluster to a file',
    async () => (await import('./commands/snapshot/save.js')).snapshotSave,
  ),
  command(
    'snapshot list',
    'read',
    'list saved snapshots',
    async () => (await import('./commands/snapshot/list.js')).snapshotList,
  ),
  command(
    'snapshot diff',
    'read',
    'compare two snapshots, or a snapshot with now',
    async () => (await import('./commands/snapshot/diff.js')).snapshotDiff,
  ),
  command(
    'gate run',
    'read',
    'run a gate node in the foreground',
    async () => (await import('./commands/gates/gate-run.js')).gateRun,
  ),
  command(
    'addon install',
    'read',
    "put the Go add-on into your gate's module",
    async () => (await import('./commands/addon/install.js')).addonInstall,
  ),
  command(
    'gate passwd',
    'read',
    'set a user of the password file of a gate',
    async () => (await import('./commands/gates/gate-passwd.js')).gatePasswd,
  ),
  command(
    'context list',
    'read',
    'list contexts',
    async () => (await import('./commands/context/list.js')).contextList,
  ),
  command(
    'context add',
    'read',
    'save the connection flags as a context',
    async () => (await import('./commands/context/add.js')).contextAdd,
  ),
  command(
    'context edit',
    'read',
    'change a context',
    async () => (await import('./commands/context/edit.js')).contextEdit,
  ),
  command(
    'context use',
    'read',
    'select a context',
    async () => (await import('./commands/context/use.js')).contextUse,
  ),
  command(
    'context show',
    'read',
    'show the settings in force and their sources',
    async () => (await import('./commands/context/show.js')).contextShow,
  ),
  command(
    'context import-nats',
    'read',
    'import the contexts of natscli',
    async () => (await import('./commands/context/import-nats.js')).contextImportNats,
  ),
  command(
    'context remove',
    'read',
    'delete a context',
    async () => (await import('./commands/context/remove.js')).contextRemove,
  ),
  command(
    'audit list',
    'read',
    'list journaled writes',
    async () => (await import('./commands/audit/list.js')).auditList,
  ),
  command(
    'audit export',
    'read',
    'export the journal as JSON lines',
    async () => (await import('./commands/audit/export.js')).auditExport,
  ),
  command(
    'completion',
    'read',
    'print a shell completion script',
    async () => (await import('./commands/completion/completion.js')).completion,
  ),
  command(
    'dev',
    'read',
    'run an embedded cluster until stopped',
    async () => (await import('./commands/dev/dev.js')).dev,
  ),
  command(
    'demo',
    'read',
    'run an embedded cluster with simulated clients',
    async () => (await import('./commands/dev/demo.js')).demo,
  ),
];

/** Finds a command by its words, such as `sessions list`. */
export const commandAt = (path: string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.path === path);
