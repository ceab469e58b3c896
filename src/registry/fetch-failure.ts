/** Why a request to a registry brought no answer, for people. */
export function fetchFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const {code} = (error.cause ?? {}) as {readonly code?: string};
  return code === 'ECONNREFUSED' ? 'connection refused' : (code ?? error.message);
}
