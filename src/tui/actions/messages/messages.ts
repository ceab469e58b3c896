/** A message as typed in the dialog of `send` or `kick`. */
export interface ComposedMessage {
  readonly topic: string;
  readonly body: string;
}

const mostKept = 50;
const longestKept = 10_000;

/** Adds a sent message to the history, the newest first and each once. */
export function withSent(
  history: readonly ComposedMessage[],
  message: ComposedMessage,
): readonly ComposedMessage[] {
  if (message.body.length > longestKept) return history;
  const others = history.filter(({topic, body}) => topic !== message.topic || body !== message.body);
  return [message, ...others].slice(0, mostKept);
}

/** Reads the history of the state file; anything that is not understood is left out. */
export function parseMessages(value: unknown): readonly ComposedMessage[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, mostKept).flatMap((entry: unknown) => {
    const {topic, body} =
      typeof entry === 'object' && entry !== null ? (entry as Partial<ComposedMessage>) : {};
    const isMessage = typeof topic === 'string' && typeof body === 'string' && body.length <= longestKept;
    return isMessage ? [{topic, body}] : [];
  });
}
