/** One form of a document: plain text, indented JSON, YAML, or a hex dump. */
export interface DocumentView {
  readonly name: 'text' | 'JSON' | 'YAML' | 'hex' | 'live' | 'record';
  /** What `c` copies and `w` writes. */
  readonly text: string;
  /** Whether the text is already safe for a terminal; otherwise each line is escaped when drawn. */
  readonly isSafe: boolean;
}

/**
 * A document on screen: a full value, an object, or the messages of a screen. It does not update
 * while open.
 */
export interface TextDocument {
  readonly title: string;
  readonly views: readonly [DocumentView, ...DocumentView[]];
}
