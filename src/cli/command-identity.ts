/** The effect of a command on a cluster. Read-only mode refuses `write` and `destroy`; `destroy` asks for confirmation. */
export type Risk = 'read' | 'write' | 'destroy';

/** A command as guards and the journal know it. */
export interface CommandIdentity {
  /** Its words: a noun and a verb, or a verb alone. */
  readonly path: string;
  readonly risk: Risk;
}

/** First words of commands, with what they stand for. */
export const nouns: Readonly<Record<string, string>> = {
  sessions: 'live sessions on all gates',
  settings: 'the settings of a session',
  records: 'stored session records, by uid',
  gates: 'the gates of the cluster',
  gate: 'a gate node run by this program',
  addon: 'the Go add-on for mqant gates',
  context: 'contexts: saved connection settings',
  audit: 'the journal of writes',
  snapshot: 'saved listings and their differences',
  plugin: 'commands from other programs',
};

/** Aliases that stand for a whole command. */
export const commandAliases: Readonly<Record<string, string>> = {
  ls: 'sessions list',
  show: 'sessions get',
  describe: 'sessions get',
};
