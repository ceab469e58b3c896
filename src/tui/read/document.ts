/** One way to show a text: as it is, as indented JSON, as YAML, or its bytes. */
export interface DocumentView {
  readonly name: 'text' | 'JSON' | 'YAML' | 'hex' | 'live' | 'record';
  /** What `c` copies and `w` writes. */
  readonly text: string;
  /** Whether the text is safe for a terminal already; otherwise each line is escaped when it is drawn. */
  readonly isSafe: boolean;
}

/** A text shown in full: a value, a whole session, or the messages of a screen. It does not update while it is open. */
export interface TextDocument {
  readonly title: string;
  readonly views: readonly [DocumentView, ...DocumentView[]];
}
