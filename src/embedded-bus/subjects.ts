/** Returns true if a subject has no white space or control characters, which would break its protocol line. */
function isPlain(subject: string): boolean {
  for (let at = 0; at < subject.length; at += 1) {
    const code = subject.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f) return false;
  }
  return subject.length > 0;
}

/** Returns true if a subject can be published to: it has non-empty tokens and no wildcards. */
export function isPublishSubject(subject: string): boolean {
  if (!isPlain(subject)) return false;
  return subject.split('.').every((token) => token !== '' && token !== '*' && token !== '>');
}

/**
 * Returns true if a subject can be subscribed to. `*` matches one token; `>`, allowed at the end only, matches one or
 * more.
 */
export function isSubscribeSubject(subject: string): boolean {
  if (!isPlain(subject)) return false;
  const tokens = subject.split('.');
  return tokens.every((token, index) => token !== '' && (token !== '>' || index === tokens.length - 1));
}
