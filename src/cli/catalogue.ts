import type {AnyVerb, Risk} from './verb.js';

export interface CatalogueEntry {
  /** The words to type: a noun and a verb, or a verb alone. */
  readonly path: string;
  /** Imperative, under 60 characters, no full stop. */
  readonly summary: string;
  readonly risk: Risk;
  /** Loads the command itself, so that each costs only those who use it. */
  readonly load: () => Promise<AnyVerb>;
}

export const nouns: Readonly<Record<string, string>> = {
  sessions: 'live sessions on all gates',
  settings: 'the settings of a session',
  records: 'what the storage of the gates keeps for a uid',
  gates: 'the gates of the cluster',
  gate: 'a gate node of this program',
  context: 'named connections',
  audit: 'the journal of what was written',
  snapshot: 'saved listings, and what changed since',
};

/**
 * Every command, with its risk. `context`, `gate run`, `dev` and `demo` are reads: they change files of the operator or
 * run nodes of their own, and never touch the cluster that a read-only operator is kept from.
 */
export const catalogue: readonly CatalogueEntry[] = [
  {
    path: 'sessions list',
    summary: 'list live sessions',
    risk: 'read',
    load: async () => (await import('./commands/sessions/list.js')).sessionsList,
  },
  {
    path: 'sessions get',
    summary: 'show one session with its settings',
    risk: 'read',
    load: async () => (await import('./commands/sessions/get.js')).sessionsGet,
  },
  {
    path: 'sessions find',
    summary: 'find the sessions of a uid',
    risk: 'read',
    load: async () => (await import('./commands/sessions/find.js')).sessionsFind,
  },
  {
    path: 'sessions count',
    summary: 'count sessions on each gate, or by a field',
    risk: 'read',
    load: async () => (await import('./commands/sessions/count.js')).sessionsCount,
  },
  {
    path: 'sessions top',
    summary: 'show the sessions with the most of something',
    risk: 'read',
    load: async () => (await import('./commands/sessions/top.js')).sessionsTop,
  },
  {
    path: 'sessions watch',
    summary: 'show what happens to sessions as it happens',
    risk: 'read',
    load: async () => (await import('./commands/sessions/watch.js')).sessionsWatch,
  },
  {
    path: 'sessions kick',
    summary: 'close a connection and verify that it is gone',
    risk: 'destroy',
    load: async () => (await import('./commands/sessions/kick.js')).sessionsKick,
  },
  {
    path: 'send',
    summary: 'push a message to one client',
    risk: 'write',
    load: async () => (await import('./commands/sessions/send.js')).send,
  },
  {
    path: 'apply',
    summary: 'carry out what was planned with --plan',
    risk: 'destroy',
    load: async () => (await import('./commands/apply/apply.js')).apply,
  },
  {
    path: 'broadcast',
    summary: 'push a message to every client of every gate',
    risk: 'write',
    load: async () => (await import('./commands/sessions/broadcast.js')).broadcast,
  },
  {
    path: 'bind',
    summary: 'set or change the uid of a session',
    risk: 'write',
    load: async () => (await import('./commands/sessions/bind.js')).bind,
  },
  {
    path: 'unbind',
    summary: 'clear the uid of a session',
    risk: 'write',
    load: async () => (await import('./commands/sessions/unbind.js')).unbind,
  },
  {
    path: 'settings list',
    summary: 'list the settings of a session',
    risk: 'read',
    load: async () => (await import('./commands/settings/list.js')).settingsList,
  },
  {
    path: 'settings get',
    summary: 'print the value of one setting',
    risk: 'read',
    load: async () => (await import('./commands/settings/get.js')).settingsGet,
  },
  {
    path: 'settings set',
    summary: 'set settings of a session, leaving the others',
    risk: 'write',
    load: async () => (await import('./commands/settings/set.js')).settingsSet,
  },
  {
    path: 'settings unset',
    summary: 'remove settings of a session',
    risk: 'write',
    load: async () => (await import('./commands/settings/unset.js')).settingsUnset,
  },
  {
    path: 'settings edit',
    summary: 'edit the settings of a session in your editor',
    risk: 'write',
    load: async () => (await import('./commands/settings/edit.js')).settingsEdit,
  },
  {
    path: 'settings undo',
    summary: 'take back the last change of settings',
    risk: 'write',
    load: async () => (await import('./commands/settings/undo.js')).settingsUndo,
  },
  {
    path: 'records list',
    summary: 'list what the storage keeps',
    risk: 'read',
    load: async () => (await import('./commands/records/list.js')).recordsList,
  },
  {
    path: 'records get',
    summary: 'show the record of a uid',
    risk: 'read',
    load: async () => (await import('./commands/records/get.js')).recordsGet,
  },
  {
    path: 'records delete',
    summary: 'force-delete the record of a uid',
    risk: 'destroy',
    load: async () => (await import('./commands/records/delete.js')).recordsDelete,
  },
  {
    path: 'records set',
    summary: 'change settings in the record of a uid',
    risk: 'write',
    load: async () => (await import('./commands/records/set.js')).recordsSet,
  },
  {
    path: 'records diff',
    summary: 'compare a record with the live session',
    risk: 'read',
    load: async () => (await import('./commands/records/diff.js')).recordsDiff,
  },
  {
    path: 'records expire',
    summary: 'set how long a record lives',
    risk: 'write',
    load: async () => (await import('./commands/records/expire.js')).recordsExpire,
  },
  {
    path: 'records export',
    summary: 'write all records as JSON lines',
    risk: 'read',
    load: async () => (await import('./commands/records/export.js')).recordsExport,
  },
  {
    path: 'records import',
    summary: 'read records from JSON lines',
    risk: 'write',
    load: async () => (await import('./commands/records/import.js')).recordsImport,
  },
  {
    path: 'decode',
    summary: 'decode a session, a call or a page from bytes',
    risk: 'read',
    load: async () => (await import('./commands/bytes/decode.js')).decode,
  },
  {
    path: 'encode',
    summary: 'encode a session as protobuf, msgpack or JSON',
    risk: 'read',
    load: async () => (await import('./commands/bytes/encode.js')).encode,
  },
  {
    path: 'gates list',
    summary: 'list the gates of the cluster',
    risk: 'read',
    load: async () => (await import('./commands/gates/list.js')).gatesList,
  },
  {
    path: 'gates info',
    summary: 'show what gates say of themselves',
    risk: 'read',
    load: async () => (await import('./commands/gates/info.js')).gatesInfo,
  },
  {
    path: 'gates ping',
    summary: 'measure how long each gate takes to answer',
    risk: 'read',
    load: async () => (await import('./commands/gates/ping.js')).gatesPing,
  },
  {
    path: 'trace',
    summary: 'show the calls on the bus, decoded',
    risk: 'read',
    load: async () => (await import('./commands/trace/trace.js')).trace,
  },
  {
    path: 'dashboard',
    summary: 'show the cluster live on the whole terminal',
    risk: 'read',
    load: async () => (await import('./commands/dashboard/dashboard.js')).dashboard,
  },
  {
    path: 'doctor',
    summary: 'look for what is wrong or missing in a cluster',
    risk: 'read',
    load: async () => (await import('./commands/doctor/doctor.js')).doctor,
  },
  {
    path: 'anomalies',
    summary: 'find sessions and records that should not be so',
    risk: 'read',
    load: async () => (await import('./commands/doctor/anomalies.js')).anomalies,
  },
  {
    path: 'metrics',
    summary: 'print what gates count in the text of Prometheus',
    risk: 'read',
    load: async () => (await import('./commands/metrics/metrics.js')).metrics,
  },
  {
    path: 'snapshot save',
    summary: 'save the sessions of the cluster in a file',
    risk: 'read',
    load: async () => (await import('./commands/snapshot/save.js')).snapshotSave,
  },
  {
    path: 'snapshot list',
    summary: 'list saved snapshots',
    risk: 'read',
    load: async () => (await import('./commands/snapshot/list.js')).snapshotList,
  },
  {
    path: 'snapshot diff',
    summary: 'show what changed between two snapshots, or until now',
    risk: 'read',
    load: async () => (await import('./commands/snapshot/diff.js')).snapshotDiff,
  },
  {
    path: 'gate run',
    summary: 'run a gate node in the foreground',
    risk: 'read',
    load: async () => (await import('./commands/gates/gate-run.js')).gateRun,
  },
  {
    path: 'context list',
    summary: 'list named connections',
    risk: 'read',
    load: async () => (await import('./commands/context/list.js')).contextList,
  },
  {
    path: 'context add',
    summary: 'save the connection flags under a name',
    risk: 'read',
    load: async () => (await import('./commands/context/add.js')).contextAdd,
  },
  {
    path: 'context edit',
    summary: 'change what a named connection says',
    risk: 'read',
    load: async () => (await import('./commands/context/edit.js')).contextEdit,
  },
  {
    path: 'context use',
    summary: 'select a named connection',
    risk: 'read',
    load: async () => (await import('./commands/context/use.js')).contextUse,
  },
  {
    path: 'context show',
    summary: 'show the connection in force and where it is from',
    risk: 'read',
    load: async () => (await import('./commands/context/show.js')).contextShow,
  },
  {
    path: 'context import-nats',
    summary: 'take over the contexts of natscli',
    risk: 'read',
    load: async () => (await import('./commands/context/import-nats.js')).contextImportNats,
  },
  {
    path: 'context remove',
    summary: 'forget a named connection',
    risk: 'read',
    load: async () => (await import('./commands/context/remove.js')).contextRemove,
  },
  {
    path: 'audit list',
    summary: 'list the writes in the journal',
    risk: 'read',
    load: async () => (await import('./commands/audit/list.js')).auditList,
  },
  {
    path: 'audit export',
    summary: 'write the journal as JSON lines',
    risk: 'read',
    load: async () => (await import('./commands/audit/export.js')).auditExport,
  },
  {
    path: 'completion',
    summary: 'print what makes Tab complete in a shell',
    risk: 'read',
    load: async () => (await import('./commands/completion/completion.js')).completion,
  },
  {
    path: 'dev',
    summary: 'run an embedded cluster that stays up',
    risk: 'read',
    load: async () => (await import('./commands/dev/dev.js')).dev,
  },
  {
    path: 'demo',
    summary: 'run an embedded cluster with simulated clients',
    risk: 'read',
    load: async () => (await import('./commands/dev/demo.js')).demo,
  },
];
