const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is from an untrusted authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is from an untrusted authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is from an untrusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is from an untrusted authority',
};

/** Describes why a registry request failed. */
export function fetchFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const {code} = (error.cause ?? {}) as {readonly code?: string};
  if (code === undefined) return error.message;
  return code === 'ECONNREFUSED' ? 'connection refused' : (certificateFaults[code] ?? code);
}
