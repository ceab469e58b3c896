/** A message as typed in the dialog of `send` or `kick`. */
export interface ComposedMessage {
  readonly topic: string;
  readonly body: string;
}

const mostKept = 50;
const longestKept = 10_000;

/** Adds a sent message to the history, newest first and without duplicates. */
export function withSentMessage(
  history: readonly ComposedMessage[],
  message: ComposedMessage,
): readonly ComposedMessage[] {
  if (message.body.length > longestKept) return history;
  const others = history.filter(({topic, body}) => topic !== message.topic || body !== message.body);
  return [message, ...others].slice(0, mostKept);
}

/** Parses the message history of the state file, ignoring invalid entries. */
export function parseMessageHistory(value: unknown): readonly ComposedMessage[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, mostKept).flatMap((entry: unknown) => {
    const {topic, body} =
      typeof entry === 'object' && entry !== null ? (entry as Partial<ComposedMessage>) : {};
    const isMessage = typeof topic === 'string' && typeof body === 'string' && body.length <= longestKept;
    return isMessage ? [{topic, body}] : [];
  });
}
