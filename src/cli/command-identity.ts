/** The effect of a command on a cluster. Read-only mode refuses `write` and `destroy`; `destroy` asks for confirmation. */
export type Risk = 'read' | 'write' | 'destroy';

/** A command as guards and the journal know it. */
export interface CommandIdentity {
  /** Its words: a noun and a verb, or a verb alone. */
  readonly path: string;
  readonly risk: Risk;
}
