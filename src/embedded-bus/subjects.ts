/** White space and control characters would break the protocol line that contains the subject. */
function isPlain(subject: string): boolean {
  for (let at = 0; at < subject.length; at += 1) {
    const code = subject.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f) return false;
  }
  return subject.length > 0;
}

/** Subjects to publish to consist of non-empty tokens without wildcards. */
export function isPublishSubject(subject: string): boolean {
  if (!isPlain(subject)) return false;
  return subject.split('.').every((token) => token !== '' && token !== '*' && token !== '>');
}

/** In subjects to subscribe to, `*` matches one token, and `>` at the end one or more. */
export function isSubscribeSubject(subject: string): boolean {
  if (!isPlain(subject)) return false;
  const tokens = subject.split('.');
  return tokens.every((token, index) => token !== '' && (token !== '>' || index === tokens.length - 1));
}
