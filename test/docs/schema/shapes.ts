/** Where the JSON of a command comes from: the `record` of a presenter, or of a function that returns fields. */
export interface Shape {
  /** Name of the schema: the words of the command. */
  readonly name: string;
  readonly title: string;
  /** A list has its items in a document; lines are JSON lines; one is a document by itself. */
  readonly kind: 'list' | 'lines' | 'one';
  readonly file: string;
  /** The constant or function that has the `record`. */
  readonly owner: string;
  /** The command has --columns, which leaves members out. */
  readonly columns?: true;
  /** The function that returns the members beside the items, where they are not the outcomes of gates. */
  readonly tail?: Pick<Shape, 'file' | 'owner'>;
}

const shape = (kind: Shape['kind'], name: string, title: string, file: string, owner: string): Shape => ({
  ...{kind, name, title, owner},
  file: `src/${file}.ts`,
});

const [presentation, commands] = ['presentation', 'cli/commands'];

export const shapes: readonly Shape[] = [
  {
    ...shape(
      'list',
      'sessions-list',
      'sessions list, top and find',
      `${presentation}/session-presenter`,
      'sessionPresenter',
    ),
    columns: true,
  },
  shape(
    'list',
    'sessions-count',
    'sessions count',
    `${commands}/sessions/count-presenter`,
    'gateCountPresenter',
  ),
  shape(
    'list',
    'sessions-count-by',
    'sessions count --by',
    `${commands}/sessions/count-presenter`,
    'groupCountPresenter',
  ),
  shape('lines', 'sessions-watch', 'sessions watch', `${presentation}/event-presenter`, 'eventPresenter'),
  shape('one', 'sessions-get', 'sessions get', `${presentation}/session-fields`, 'sessionFields'),
  shape('list', 'broadcast', 'broadcast', `${commands}/sessions/count-presenter`, 'broadcastPresenter'),
  shape('list', 'write-targets', 'the targets of a dry run', 'cli/bulk/outcome-presenter', 'targetPresenter'),
  {
    ...shape(
      'list',
      'write-outcomes',
      'the outcomes of a write on many sessions',
      'cli/bulk/outcome-presenter',
      'outcomePresenter',
    ),
    tail: {file: 'src/presentation/bulk-tally.ts', owner: 'record'},
  },
  shape(
    'one',
    'session-change',
    'bind, unbind and settings set, unset, edit, undo',
    `${presentation}/session-change-fields`,
    'sessionChangeFields',
  ),
  shape('one', 'send', 'send', `${commands}/sessions/send`, 'sentFields'),
  shape('one', 'sessions-kick', 'sessions kick of one session', `${commands}/sessions/kick`, 'kickOne'),
  shape('one', 'bind-plan', 'bind --dry-run', `${presentation}/bind-plan-text`, 'bindPlanFields'),
  shape(
    'one',
    'write-plan',
    '--dry-run of a write on one session',
    'cli/bulk/write-to-session',
    'showTarget',
  ),
  shape('one', 'settings-get', 'settings get', `${commands}/settings/get`, 'settingsGet'),
  shape('one', 'encode', 'encode', `${commands}/bytes/encode`, 'encode'),
  shape(
    'one',
    'records-delete',
    'records delete of one record',
    `${commands}/records/delete`,
    'recordsDelete',
  ),
  shape('one', 'records-import', 'records import', `${commands}/records/import`, 'importRecords'),
  shape('lines', 'records-export', 'records export', `${commands}/records/export`, 'exportPresenter'),
  shape('list', 'records-probe', 'records probe', `${commands}/records/probe`, 'fitPresenter'),
  shape('list', 'settings-list', 'settings list', `${commands}/settings/list`, 'settingsPresenter'),
  {
    ...shape('list', 'records-list', 'records list', `${presentation}/record-presenter`, 'recordPresenter'),
    columns: true,
  },
  shape(
    'one',
    'records-get',
    'records get, set and expire',
    `${presentation}/record-presenter`,
    'recordPresenter',
  ),
  shape(
    'list',
    'records-diff',
    'records diff',
    `${presentation}/record-difference-presenter`,
    'recordDifferencePresenter',
  ),
  shape('list', 'gates-list', 'gates list', `${commands}/gates/gate-presenters`, 'gatePresenter'),
  shape(
    'list',
    'gates-list-all-types',
    'gates list --all-types',
    `${commands}/gates/gate-presenters`,
    'nodePresenter',
  ),
  shape('list', 'gates-info', 'gates info', `${commands}/gates/gate-presenters`, 'gateInfoPresenter'),
  shape('list', 'gates-drain', 'gates drain', `${commands}/gates/drain-presenter`, 'drainedGatePresenter'),
  shape(
    'list',
    'gates-drain-plan',
    'gates drain --dry-run',
    `${commands}/gates/drain-presenter`,
    'drainPlanPresenter',
  ),
  shape('list', 'gates-resume', 'gates resume', `${commands}/gates/drain-presenter`, 'resumedGatePresenter'),
  shape('list', 'gates-ping', 'gates ping', `${commands}/gates/gate-presenters`, 'gatePingPresenter'),
  shape('lines', 'trace', 'trace', `${presentation}/trace-presenter`, 'tracePresenter'),
  shape(
    'list',
    'trace-summary',
    'trace --summary',
    `${presentation}/trace-presenter`,
    'traceSummaryPresenter',
  ),
  shape('list', 'doctor', 'doctor', `${commands}/doctor/finding`, 'findingPresenter'),
  shape('list', 'anomalies', 'anomalies', `${commands}/doctor/anomalies`, 'anomalyPresenter'),
  shape(
    'list',
    'snapshot-list',
    'snapshot list',
    `${commands}/snapshot/snapshot-presenters`,
    'snapshotPresenter',
  ),
  shape(
    'list',
    'snapshot-diff',
    'snapshot diff',
    `${commands}/snapshot/snapshot-presenters`,
    'sessionChangePresenter',
  ),
  shape(
    'list',
    'snapshot-diff-records',
    'snapshot diff --records',
    `${commands}/snapshot/record-change-presenter`,
    'recordChangePresenter',
  ),
  shape(
    'one',
    'snapshot-save',
    'snapshot save',
    `${commands}/snapshot/snapshot-presenters`,
    'snapshotFields',
  ),
  shape('lines', 'audit-export', 'audit export', 'cli/journal/journal-presenter', 'journalPresenter'),
  shape('list', 'addon-install', 'addon install', `${commands}/addon/install`, 'filePresenter'),
  shape(
    'list',
    'context-import-nats',
    'context import-nats',
    `${commands}/context/import-nats`,
    'importedPresenter',
  ),
  shape('one', 'gate-run', 'gate run', `${commands}/gates/gate-run`, 'startedGateFields'),
  shape('list', 'audit-list', 'audit list', 'cli/journal/journal-presenter', 'journalPresenter'),
  shape('list', 'plugin-list', 'plugin list', `${commands}/plugin/list`, 'pluginPresenter'),
  shape('list', 'context-list', 'context list', `${commands}/context/context-presenters`, 'contextPresenter'),
  shape(
    'list',
    'context-show',
    'context show',
    `${commands}/context/context-presenters`,
    'connectionSettingPresenter',
  ),
];
